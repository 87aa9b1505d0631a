"""Hundreds of refreshes through random faults and random edits: each table always shows a state that the feed had.

`make soak` runs it and shows its figures; SOAK_SEED=... begins as an earlier one did.
"""

import contextlib
import errno
import os
import random
import resource
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from planion_assets.feed.client import Clock, FeedClient, Limits
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.change_log import LOGS
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox import TOKENS, SandboxServer, pages
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Zones
from planion_assets_tests.faults.conference import leftovers
from planion_assets_tests.faults.proxy import FAULTS, FaultProxy
from planion_assets_tests.faults.steps import STEPS, at_step
from planion_assets_tests.faults.truth import Truth

REFRESHES = 400
LEAST = 100
SECONDS = 150
KEY = ConferenceKey("AAA", "AM2036")
OPTIONS = RefreshOptions(Zones(venue="America/New_York"), ("sessions", "speakers"), keep_change_files=2)
LIMITS = Limits(connect_timeout=1, read_timeout=0.5, walk_timeout=1, max_attempts=3, max_walks=4)
ITEMS_ON_A_PAGE = 20  # so that a walk has pages between which something can happen
DISK_FAULTS = (*STEPS, "file too large")


class _Luck:
    """What happens when: faults of the feed by request, of the disk by refresh, all from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - faults, not secrets
        self.harm = 0.0

    def of_request(self) -> str | None:
        if self.random.random() >= self.harm:
            return None
        # A trickle takes the whole time of a walk.
        fault = self.random.choice(FAULTS)
        return fault if fault != "trickle" or self.random.random() < 0.2 else None


@contextlib.contextmanager
def _harmed_disk(luck: _Luck, store: LocalStore, counted: Counter[str]) -> Iterator[None]:
    """At every sixth refresh, one step of writing one table fails, or files may not grow beyond a size."""
    fault = luck.random.choice(DISK_FAULTS)
    if luck.random.random() > 1 / 6:
        yield
    elif fault == "file too large":
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (luck.random.randrange(20_000), limits[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        counted[f"disk: {fault}"] += 1
    else:
        number = luck.random.choice((errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS))

        def refuse() -> None:
            raise OSError(number, os.strerror(number))

        folder = store.path(luck.random.choice(TABLES).location, KEY).parent
        with at_step(fault, folder, refuse) as met:
            yield
        if met:
            counted[f"disk: {errno.errorcode[number]} at {fault}"] += 1


def _refresh(url: str, store: LocalStore, outcomes: Counter[str]) -> None:
    clock = Clock(wait=lambda *_: None)
    with FeedClient(url, TOKENS[KEY.account], limits=LIMITS, clock=clock) as client:
        for outcome in refresh([KEY], TABLES, store, lambda _: client, lambda _: OPTIONS):
            whole = isinstance(outcome, Refreshed) and not outcome.problems
            outcomes["whole" if whole else "in part" if isinstance(outcome, Refreshed) else "failed"] += 1


def _refresh_twice(url: str, store: LocalStore, outcomes: Counter[str]) -> None:
    pair = [threading.Thread(target=_refresh, args=(url, store, outcomes)) for _ in range(2)]
    for twin in pair:
        twin.start()
    for twin in pair:
        twin.join()


@pytest.mark.soak
def test_soak(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
    luck, store = _Luck(seed), LocalStore(tmp_path / "data")
    outcomes: Counter[str] = Counter()
    other_faults: Counter[str] = Counter()
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(pages, "MAX_RESULTS", ITEMS_ON_A_PAGE))
        server = stack.enter_context(SandboxServer())
        truth = Truth(server.sandbox, KEY, OPTIONS.zones)
        proxy = stack.enter_context(FaultProxy(server.url, luck.of_request, truth.advance))
        while outcomes.total() < REFRESHES and time.monotonic() - started < SECONDS:
            if luck.random.random() < 0.5:
                truth.advance()
            luck.harm = luck.random.choice((0, 0.01, 0.05, 0.3))
            if luck.random.random() < 0.1:
                _refresh_twice(proxy.url, store, outcomes)
                other_faults["two at once"] += 1
            else:
                with _harmed_disk(luck, store, other_faults):
                    _refresh(proxy.url, store, outcomes)
            truth.check(store)
            assert leftovers(store.root) == []
        luck.harm = 0
        _refresh(proxy.url, store, outcomes)
        truth.check(store)
        assert truth.is_latest(), "the last refresh, without a fault, brings every table up"
        changes = {log: truth.check_log(store, log, raw) for log, raw in LOGS.items()}
        assert all(len(store.log_parts(log, KEY)) <= 5 for log in LOGS), "old files are compacted"
    with capsys.disabled():
        injected = proxy.injected + other_faults
        print(f"\nseed {seed}: {outcomes.total()} refreshes in {time.monotonic() - started:.0f} s: {dict(outcomes)}")
        print(f"{injected.total()} faults: " + ", ".join(f"{n} {name}" for name, n in injected.most_common()))
        print(f"{truth.compared} stored tables compared with the state they say they show, none older than before")
        print(f"changes that are recorded: {changes}")
    assert outcomes.total() >= LEAST
    assert min(outcomes["whole"], outcomes["failed"]) > 0
    assert set(proxy.injected) == set(FAULTS)
