"""A refresh of many conferences ends within seconds of a signal, whatever it waits for, and leaves everything whole."""

import contextlib
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from planion_assets.config import load
from planion_assets.refresh.feed_note import claim
from planion_assets.storage import locks
from planion_assets.storage.local_store import LocalStore, lock_path
from planion_assets_tests.faults.conference import leftovers
from planion_assets_tests.faults.refreshes import refreshes_of
from planion_assets_tests.faults.stops import PATIENT, Known, configure
from planion_assets_tests.feed.faults import silent
from planion_assets_tests.feed.server import Request, Response, Wire
from planion_assets_tests.many import KEYS, TABLES_OF_SESSIONS, Many, refreshed
from planion_assets_tests.runs import CORE

HANGS = 600.0
"""Seconds that are far fewer than the hour for which the feed or a lock would be waited for."""
AT_ONCE = 3
CONFERENCES = KEYS[: AT_ONCE + 1]
"""One more than are under way at once, which are fewer than usual: more would only take longer."""
TABLES = [table for table in TABLES_OF_SESSIONS if table.name in (*CORE, "published_sessions", "rejected_items")]
STEPS = (7, 40)
"""Of some 80 steps of the disk in a refresh of them: locks, hidden files, and putting them in place."""


class _Feed(Many):
    """Answers nothing any more after so many requests, where that is said."""

    silent_after: int | None = None
    silences = 0

    def _page(self, request: Request) -> Response | Wire:
        if self.silent_after is not None and request.number >= self.silent_after:
            self.silences += 1
            return silent
        return super()._page(request)


@contextlib.contextmanager
def _unanswered() -> Iterator[tuple[str, Callable[[], bool]]]:
    """The address of a server that accepts no connection, and whether somebody tries to make one."""
    with socket.socket() as server, contextlib.ExitStack() as others:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = others.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        port = server.getsockname()[1]
        before = _connecting(port)
        yield f"http://127.0.0.1:{port}/feed/v1", lambda: _connecting(port) > before


def _connecting(port: int) -> int:
    """How many wait for a connection to a port of the loopback: /proc/net/tcp has their state SYN_SENT as 02."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return sum(row[2].endswith(f":{port:04X}") and row[3] == "02" for row in rows)


def _until(true: Callable[[], bool]) -> None:
    """Return once that is true, or after minutes."""
    until = time.monotonic() + 180
    while not true() and time.monotonic() < until:
        time.sleep(0.005)


def _owners(store: LocalStore) -> list[str]:
    """Who holds each lock; blank for nobody."""
    return [lock.read_text() for lock in (store.root / ".locks").rglob("*.lock")]


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


@pytest.mark.long
def test_a_signal_ends_a_refresh_of_many_whatever_it_waits_for(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = LocalStore(workplace / "data")
    with _Feed() as feed, _unanswered() as (nowhere, connecting):
        known = Known(tmp_path_factory.mktemp("known"), feed, CONFERENCES, TABLES)
        feed.number = 0
        configure(workplace, feed.url, monkeypatch, CONFERENCES, **PATIENT)
        with refreshes_of([], AT_ONCE, [table.name for table in TABLES]) as refreshes:
            refreshed(store, feed.url, CONFERENCES, TABLES)
            claim(load())
            in_time = partial(_within, HANGS)
            known.check_latest(store, 0)

            # While tables are made.
            feed.number = 1
            for number, step in zip((signal.SIGTERM, signal.SIGINT), STEPS, strict=True):
                with in_time():
                    assert refreshes.run(number=number, step=step) == 128 + number
                known.check(store, {0, 1})
                assert leftovers(store.root) == []
                owners = _owners(store)
                assert owners == [""] * len(owners) != []

            # While the feed is silent, once while Dagster keeps the suspended generator of a conference that has ended.
            feed.number, feed.silent_after = 2, len(feed.requests) + AT_ONCE + 2
            with in_time():
                assert refreshes.run(lambda: _until(lambda: feed.silences > 1), signal.SIGTERM) == 143
            feed.silent_after = len(feed.requests) + AT_ONCE + 2
            with in_time():
                assert refreshes.run(number=signal.SIGTERM, step="event") == 143
            known.check(store, {0, 1, 2})
            assert leftovers(store.root) == []

            # While others hold locks.
            feed.number, feed.silent_after = 3, None
            waiting, others = CONFERENCES[1:3], CONFERENCES[:1] + CONFERENCES[3:]
            with contextlib.ExitStack() as stack, in_time():
                for key in waiting:
                    stack.enter_context(locks.acquire(lock_path(store.root, "refresh", key), 0))
                assert refreshes.run(lambda: _until(lambda: known.are_at(store, others, 3)), signal.SIGHUP) == 129
            states = known.check(store, {0, 1, 2, 3})
            assert 3 not in {states.get(key) for key in waiting}
            assert {states.get(key) for key in others} == {3}, "what was under way came to its end"

            # While no connection can be made, for which it would wait: a second signal ends it at once.
            configure(workplace, nowhere, monkeypatch, CONFERENCES, **PATIENT)
            claim(load(), adopt=True)
            with in_time():
                # The run too, and not only the page that is asked for before it.
                moment = partial(_until, lambda: connecting() and any(_owners(store)))
                assert refreshes.run(moment, signal.SIGTERM, again_after=0.5, patient=True) == 143

            configure(workplace, feed.url, monkeypatch, CONFERENCES)
            claim(load(), adopt=True)
            assert refreshes.run() == 0
            known.check_latest(store, 3)
            said = refreshes.said()
    assert "Traceback" not in said
    assert said.count("stopped by SIGTERM: every stored table is whole; run the command again for the rest\n") == 3
    assert said.count("stopped by SIGINT: ") == said.count("stopped by SIGHUP: ") == 1
