"""Only a state that the feed truly had is a snapshot."""

from datetime import UTC, datetime
from typing import Any

from planion_assets.feed.errors import FeedError, PermanentFeedError, UnevenWalkError
from planion_assets.feed.snapshot import Snapshot, read_snapshot
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.server import (
    KEY,
    Answer,
    FakeTime,
    LocalFeed,
    Request,
    Response,
    client_of,
    item,
    items,
    page_of,
)

Rows = list[dict[str, Any]]


def _read(answer: Answer, stored: str | None = None) -> tuple[Snapshot | FeedError, int]:
    with LocalFeed(answer) as server, client_of(server) as client:
        try:
            return read_snapshot(client, KEY, stored), len(server.requests)
        except FeedError as error:
            return error, len(server.requests)


def _states(*states: Rows) -> Answer:
    """A feed of two pages that shows one state after the other, one per request; the last one for good."""
    return lambda request: page_of(states[min(request.number, len(states) - 1)], request.page)


def _digest(rows: Rows) -> str:
    with LocalFeed(lambda request: page_of(rows, request.page)) as server, client_of(server) as client:
        return walk(client, KEY).digest


def test_a_feed_that_never_stands_still_is_an_error() -> None:
    def answer(request: Request) -> Response:
        return page_of([*items(150), item("moving", n=request.number // 2)], request.page)

    error, requests = _read(answer)
    assert isinstance(error, UnevenWalkError)
    assert "no two of 4 walks in a row agree (walk 4 differs from walk 3)" in str(error)
    assert requests == 8


def test_walks_that_agree_but_not_in_a_row_are_an_error() -> None:
    a, b = items(10), items(11)
    error, requests = _read(_states(a, b, a, b))
    assert isinstance(error, UnevenWalkError)
    assert requests == 4


def test_a_walk_that_is_not_whole_starts_the_comparison_afresh() -> None:
    rows = items(150)
    # Walks: whole; not whole (the total moves); whole; whole.
    answer = _states(rows, rows, rows, [*rows, item("x")], rows, rows, rows, rows)
    snapshot, requests = _read(answer)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.reading.walks == 4
    assert requests == 8


def test_a_row_removed_and_one_added_between_pages_is_seen_although_all_counts_agree() -> None:
    before = items(150)
    after = [*before[1:], item("added")]
    # Page 1 of `before`, page 2 of `after`: 150 items, total 150, 150 distinct schedid, and item 100 is missing.
    snapshot, requests = _read(_states(before, after))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.digest == _digest(after)
    assert requests == 6


def test_an_error_that_is_not_about_the_walk_ends_the_reading() -> None:
    error, requests = _read(lambda _: Response(b"", 403))
    assert isinstance(error, PermanentFeedError)
    assert requests == 1


def test_two_walks_that_agree_are_a_snapshot() -> None:
    rows = items(150)
    time = FakeTime()
    with (
        LocalFeed(lambda request: page_of(rows, request.page)) as server,
        client_of(server, time=time) as client,
    ):
        client.usage.requests = 5
        snapshot = read_snapshot(client, KEY)
    assert snapshot.digest == _digest(rows)
    assert not snapshot.unchanged
    assert snapshot.fetched_at == datetime.fromtimestamp(time.seconds, UTC)
    assert (snapshot.reading.walks, snapshot.reading.pages, snapshot.reading.requests) == (2, 2, 4)
    assert len(snapshot.items) == 150


def test_a_walk_that_equals_the_stored_snapshot_needs_no_second_in_any_order() -> None:
    rows = items(150)
    reordered = [{**row, "_etag": "other"} for row in reversed(rows)]
    snapshot, requests = _read(lambda request: page_of(reordered, request.page), stored=_digest(rows))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.unchanged
    assert requests == 2


def test_the_stored_snapshot_is_recognised_in_a_later_walk_too() -> None:
    rows = items(10)
    snapshot, requests = _read(_states([*rows, item("passing")], rows), stored=_digest(rows))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.unchanged
    assert (snapshot.reading.walks, requests) == (2, 2)


def test_an_empty_conference_is_a_snapshot() -> None:
    snapshot, requests = _read(lambda request: page_of([], request.page))
    assert isinstance(snapshot, Snapshot)
    assert (len(snapshot.items), requests) == (0, 2)


def test_an_item_that_comes_twice_is_believed_when_three_walks_agree() -> None:
    rows = [*items(150), item("7")]
    snapshot, requests = _read(lambda request: page_of(rows, request.page))
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.reading.walks, requests, len(snapshot.items)) == (3, 6, 151)
    assert snapshot.digest == _digest(rows)


def test_an_item_that_moves_to_the_next_page_in_two_walks_alike_is_not_believed() -> None:
    rows = items(150)
    # A row is added before page 1 and the last one removed while each of two walks is read: item 99 comes twice.
    moved = [item("added"), *rows[:149]]
    snapshot, _ = _read(_states(rows, moved, rows, moved, rows))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.digest == _digest(rows)
