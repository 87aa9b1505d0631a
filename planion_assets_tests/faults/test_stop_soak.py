"""The real command, ended at random moments of its life a hundred times: it ends in time and leaves everything whole.

`make soak` runs it and shows its figures; SOAK_SEED=... chooses the moments of an earlier one.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from planion_assets.storage import locks
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.faults.conference import leftovers
from planion_assets_tests.faults.stops import PATIENT, STATES, Known, configure
from planion_assets_tests.feed.faults import silent
from planion_assets_tests.feed.server import Request, Response, Wire
from planion_assets_tests.many import KEYS, Many, refreshed

SIGTERMS, SIGKILLS = 100, 40
ENDS_WITHIN = 15.0
COMMAND = [str(Path(sys.executable).with_name("planion")), "refresh"]


class _Feed(Many):
    """Silent from a request on, where that is said."""

    silent_after: int | None = None

    def _page(self, request: Request) -> Response | Wire:
        if self.silent_after is not None and request.number >= self.silent_after:
            return silent
        return super()._page(request)


class _Stops:
    """Refreshes that are ended, and what is stored after each."""

    def __init__(self, feed: _Feed, known: Known, store: LocalStore, moments: random.Random) -> None:
        self.feed, self.known, self.store, self.random = feed, known, store, moments
        self.took = self.slowest = 0.0
        self.since_whole = {0}
        self.ended: Counter[str] = Counter()

    def complete(self, *, by_command: bool = True) -> None:
        """A refresh that is left alone, which brings every table up; in this process it takes a fifth of the time."""
        if by_command:
            started = time.monotonic()
            done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=180, check=False)
            assert done.returncode == 0, done.stderr
            self.took = time.monotonic() - started
        else:
            refreshed(self.store, self.feed.url)
        self.known.check_latest(self.store, self.feed.number)
        self.since_whole = {self.feed.number}

    def stop(self, number: signal.Signals) -> None:
        """Move the feed on, begin a refresh and end it at a random moment of it."""
        self.feed.number = (self.feed.number + 1) % STATES
        self.since_whole.add(self.feed.number)
        with contextlib.ExitStack() as stack:
            hindrance = self.random.random()
            if hindrance < 0.15:
                self.feed.silent_after = len(self.feed.requests) + self.random.randrange(2 * len(KEYS))
            elif hindrance < 0.3:
                key = self.random.choice(KEYS)
                lock = self.store.root / f".locks/refresh/{key.account}/{key.conference}.lock"
                stack.enter_context(locks.acquire(lock, 0))
            process = stack.enter_context(subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
            time.sleep(self.random.uniform(0, self.took))
            process.send_signal(number)
            sent = time.monotonic()
            said = process.communicate(timeout=60)[1].decode()
            seconds = time.monotonic() - sent
        self.feed.silent_after = None
        if process.returncode not in (0, -signal.SIGKILL):
            self.slowest = max(self.slowest, seconds)
            assert seconds < self.took + ENDS_WITHIN
        self.ended[str(process.returncode)] += 1
        # Before Python has run anything of ours, the system ends it: -15.
        allowed = (0, -signal.SIGKILL) if number is signal.SIGKILL else (0, 128 + number, -number)
        assert process.returncode in allowed, said
        assert "Traceback" not in said
        self.known.check(self.store, self.since_whole)
        if process.returncode == 128 + number:
            assert leftovers(self.store.root) == []


@pytest.mark.soak
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_the_real_command_is_ended_at_random_moments(
    number: signal.Signals,
    workplace: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
    store, times = LocalStore(workplace / "data"), SIGTERMS if number is signal.SIGTERM else SIGKILLS
    with _Feed() as feed:
        known = Known(tmp_path_factory.mktemp("known"), feed)
        feed.number = 0
        configure(workplace, feed.url, monkeypatch, **PATIENT)
        stops = _Stops(feed, known, store, random.Random(seed))  # noqa: S311 - moments, not secrets
        for _ in range(2):
            stops.complete()
        for turn in range(1, times // 2 + 1):
            stops.stop(number)
            stops.stop(number)  # what the first has left is what it begins with
            stops.complete(by_command=turn % 5 == 0)
    with capsys.disabled():
        print(f"\nseed {seed}: {times} x {number.name}: ended with {dict(stops.ended)}, slowest {stops.slowest:.1f} s")
    assert stops.ended[str(-number if number is signal.SIGKILL else 128 + number)] > times / 2
