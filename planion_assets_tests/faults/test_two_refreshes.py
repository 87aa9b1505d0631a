"""Two refreshes of one conference at once, in two processes: one waits, or yields with a reason; no state is mixed."""

import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from planion_assets.feed.item import walk_digest
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import WRITER
from planion_assets_tests.faults.conference import (
    WRITTEN,
    Conference,
    contents,
    refreshed,
    refreshed_in_child,
    snapshot_of,
)
from planion_assets_tests.feed.server import KEY, Request, Response, ScriptedServer, content_digest
from planion_assets_tests.forks import Fork


class _BlockedConference(Conference):
    """A conference whose feed answers a request only when it is let through."""

    def __init__(self) -> None:
        self.asked, self.open = threading.Event(), threading.Event()
        super().__init__()

    def _answer(self, request: Request) -> Response:
        answer = super()._answer(request)
        self.asked.set()
        assert self.open.wait(180)
        return answer


@pytest.fixture
def blocked() -> Iterator[_BlockedConference]:
    with _BlockedConference() as conference:
        yield conference
        conference.open.set()


@pytest.fixture
def other(tmp_path: Path, blocked: _BlockedConference) -> Iterator[Fork]:
    """Another process that refreshes the conference, which waits at its first request."""
    with refreshed_in_child(blocked.server.url, tmp_path) as child:
        assert blocked.asked.wait(180)
        yield child


def _digest(conference: Conference) -> str:
    return walk_digest(content_digest(row) for row in conference.rows(conference.number))


def test_two_refreshes_of_one_conference_at_once_where_the_first_takes_too_long_yields_with_a_reason(
    tmp_path: Path, blocked: _BlockedConference, other: Fork
) -> None:
    asked = len(blocked.server.requests)
    outcome = refreshed(LocalStore(tmp_path, lock_wait=0.1), blocked.server.url)
    assert isinstance(outcome, Failed)
    assert re.match(
        r"AAA\|AM2026 is being written by process \d+ on \S+ since 20\S+ \S+ UTC, which did not end within 0.1 s; "
        r"let it end, then try again \(the lock is \S+/\.locks/refresh/AAA/AM2026\.lock\)",
        outcome.reason,
    )
    assert len(blocked.server.requests) == asked, "who yields asks the feed for nothing"


def test_two_refreshes_of_one_conference_at_once_where_the_first_ends_in_time_both_end_well(
    tmp_path: Path, blocked: _BlockedConference, other: Fork
) -> None:
    outcomes: list[Refreshed | Failed] = []
    second = threading.Thread(target=lambda: outcomes.append(refreshed(LocalStore(tmp_path), blocked.server.url)))
    second.start()
    blocked.open.set()
    second.join(180)
    assert other.wait() == 0
    assert [type(outcome) for outcome in outcomes] == [Refreshed]
    assert {snapshot_of(LocalStore(tmp_path), table) for table in WRITTEN} == {_digest(blocked)}


def test_a_refresh_that_is_killed_holds_nobody_up(tmp_path: Path, blocked: _BlockedConference, other: Fork) -> None:
    lock = tmp_path / ".locks/refresh/AAA/AM2026.lock"
    assert int(lock.read_text().split()[1]) == other.pid
    other.kill(signal.SIGKILL)
    assert other.wait() == -signal.SIGKILL
    blocked.open.set()
    assert isinstance(refreshed(LocalStore(tmp_path, lock_wait=0), blocked.server.url), Refreshed)


def test_readers_and_other_conferences_do_not_wait(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, lock_wait=0)
    with Conference() as conference:
        assert isinstance(refreshed(store, conference.server.url), Refreshed)
        before = contents(store)
        with store.exclusive(WRITER, KEY, []), store.exclusive(WRITER, ConferenceKey("AAA", "OTHER"), []):
            assert {snapshot_of(store, table) for table in WRITTEN} == {_digest(conference)}
            assert contents(store) == before


def test_an_older_state_is_never_written_over_a_newer_one(tmp_path: Path) -> None:
    """The first reads a state, and the second, which starts later, a newer one: the first must not write last."""
    reached, go_on = threading.Event(), threading.Event()
    with Conference() as conference, Conference() as later:
        later.advance()
        walked: list[Request] = []

        def slow(request: Request) -> Response:
            walked.append(request)
            if len(walked) == 2:  # both walks have been answered with the old state when this one is
                reached.set()
                assert go_on.wait(180)
            return conference._answer(request)

        with ScriptedServer(slow) as server:
            first = threading.Thread(target=lambda: refreshed(LocalStore(tmp_path), server.url))
            first.start()
            assert reached.wait(180)
            second = threading.Thread(target=lambda: refreshed(LocalStore(tmp_path), later.server.url))
            second.start()
            second.join(0.3)
            go_on.set()
            first.join(180)
            second.join(180)
        assert {snapshot_of(LocalStore(tmp_path), table) for table in WRITTEN} == {_digest(later)}
