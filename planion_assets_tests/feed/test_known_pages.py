"""Pages that are the stored ones byte for byte are not parsed; any other walk is what it would be without them."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from planion_assets.feed.client import Limits
from planion_assets.feed.errors import DeadlineError, FeedError
from planion_assets.feed.known_pages import KnownPages
from planion_assets.feed.page_series import Walk
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.known_walks import ROWS, answer_of, edited_rows, stored_pages, walk_of
from planion_assets_tests.feed.server import (
    FAST,
    KEY,
    Answer,
    FakeTime,
    LocalFeed,
    Request,
    Response,
    body,
    client_of,
    items,
    page_of,
)

ONE_AT_A_TIME, PREFETCHED = FAST, replace(FAST, max_at_once=4)
BOTH = pytest.mark.parametrize("limits", [ONE_AT_A_TIME, PREFETCHED], ids=["one at a time", "prefetched"])


def _pages(*pages: Sequence[Any], **meta: Any) -> Answer:
    """Pages that name neither a number nor a next one, and a total only in `meta`; empty ones after the last."""

    def answer(request: Request) -> Response:
        rows = pages[request.page - 1] if request.page <= len(pages) else []
        return body({"_items": rows} | ({"_meta": meta} if meta else {}))

    return answer


def _parts(walked: Walk) -> Any:
    """All values of a walk, for comparison. Reads its items."""
    items_ = [(item.payload, item.digest, item.content, item.member("schedid")) for item in walked.items]
    return items_, walked.pages, walked.digest, walked.bodies


@BOTH
@pytest.mark.parametrize(
    "rows",
    [
        edited_rows(0),
        edited_rows(150),
        edited_rows(249),
        edited_rows(50, 249),
        items(350),
        items(251),
        items(200),
        items(100),
        items(7),
        [],
        ROWS[100:200] + ROWS[:100] + ROWS[200:],
        ROWS[::-1],
    ],
    ids=[
        "first page",
        "middle page",
        "last page",
        "two pages",
        "page added",
        "item added",
        "page removed",
        "two pages removed",
        "one short page",
        "emptied",
        "pages swapped",
        "reversed",
    ],
)
def test_a_walk_that_differs_from_the_stored_one_is_what_it_is_without_it(rows: list[Any], limits: Limits) -> None:
    stored = stored_pages(answer_of(ROWS))
    expected, _ = walk_of(answer_of(rows), limits=limits)
    found, asked = walk_of(answer_of(rows), stored, limits)
    assert _parts(found) == _parts(expected)
    assert (found.digest == stored.digest) == (sorted(map(str, rows)) == sorted(map(str, ROWS)))
    assert asked == list(range(1, expected.pages + 1)), "each page once"


@BOTH
def test_the_same_pages_in_another_order_are_read(parsed: list[int], limits: Limits) -> None:
    """Pages without numbers, whose bytes are the stored ones."""
    pages = [ROWS[:100], ROWS[100:200], ROWS[200:]]
    swapped = [pages[1], pages[0], pages[2]]
    meta = {"total": 250, "max_results": 100}
    stored = stored_pages(_pages(*pages, **meta))
    parsed.clear()
    found, _ = walk_of(_pages(*swapped, **meta), stored, limits)
    assert sorted(parsed) == [1, 2, 3]
    assert found.digest == stored.digest
    assert [found.bodies[place] for place in (1, 0, 2)] == list(stored.bodies)
    assert found.bodies != stored.bodies


@pytest.mark.parametrize(
    "pages",
    [[ROWS[:9]], [ROWS[:9], ROWS[9:18]], [ROWS[:9], ROWS[9:18], ROWS[18:20], ROWS[20:21]], [ROWS[:9], [], ROWS[9:18]]],
    ids=["page removed", "two removed", "page added", "empty page before the last"],
)
def test_a_series_that_only_an_empty_page_ends_is_read_to_that(pages: list[list[Any]]) -> None:
    stored = stored_pages(_pages(ROWS[:9], ROWS[9:18], ROWS[18:20]))
    found, asked = walk_of(_pages(*pages), stored)
    expected, asked_without = walk_of(_pages(*pages))
    assert (_parts(found), asked) == (_parts(expected), asked_without)
    assert found.digest != stored.digest


@pytest.mark.parametrize("more", [0, 2], ids=["another page", "pages behind the end"])
def test_a_stored_walk_that_goes_on_behind_the_end_ends_all_the_same(more: int) -> None:
    stored = stored_pages(answer_of(ROWS))
    behind = [page_of(ROWS, number).body for number in range(4, 4 + more)]
    bodies = (*stored.bodies, *(hashlib.sha256(body).digest() for body in behind), bytes(32))
    found, _ = walk_of(answer_of(ROWS), replace(stored, bodies=bodies))
    assert _parts(found) == _parts(walk_of(answer_of(ROWS))[0])


@BOTH
@pytest.mark.parametrize("rows", [ROWS, items(100), items(7), []], ids=["three pages", "full", "short", "empty"])
def test_the_same_bytes_are_not_parsed(parsed: list[int], limits: Limits, rows: list[Any]) -> None:
    expected, _ = walk_of(answer_of(rows))
    stored = KnownPages(expected.digest, expected.bodies, len(rows))
    parsed.clear()
    found, asked = walk_of(answer_of(rows), stored, limits)
    assert asked == list(range(1, expected.pages + 1))
    assert (found.pages, found.digest, found.bodies, len(found.items)) == (
        expected.pages,
        expected.digest,
        expected.bodies,
        len(rows),
    )
    assert parsed == []
    assert _parts(found) == _parts(expected)
    assert found.items[-1:] == expected.items[-1:]
    assert parsed == list(range(1, expected.pages + 1)), "each once, whoever asks for items"


def test_of_pages_that_differ_each_is_parsed_once(parsed: list[int]) -> None:
    stored = stored_pages(answer_of(ROWS))
    parsed.clear()
    walk_of(answer_of(edited_rows(150)), stored)
    assert parsed == [1, 2, 3]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (replace(FAST, max_pages=2), "page 2 is followed by another"),
        (replace(FAST, max_walk_bytes=20_000), "3 pages hold"),
        (replace(FAST, max_page_bytes=5_000), "larger than"),
    ],
    ids=["pages", "bytes of a walk", "bytes of a page"],
)
def test_what_is_known_by_its_bytes_is_bounded_all_the_same(limits: Limits, reason: str) -> None:
    stored = stored_pages(answer_of(ROWS))
    said = []
    for known in (None, stored):
        with LocalFeed(answer_of(ROWS)) as server, client_of(server, limits=limits) as client:
            with pytest.raises(FeedError, match=reason) as caught:
                walk(client, KEY, known=known)
            said.append((str(caught.value), len(server.requests)))
    assert said[0] == said[1]


def test_what_is_known_by_its_bytes_ends_with_the_time_of_the_walk() -> None:
    stored = stored_pages(answer_of(ROWS))
    time = FakeTime(step=FAST.walk_timeout / 2)
    with LocalFeed(answer_of(ROWS)) as server, client_of(server, time=time) as client:
        with pytest.raises(DeadlineError):
            walk(client, KEY, known=stored)


def test_page_two_is_asked_for_when_page_one_has_come_and_not_before() -> None:
    stored = stored_pages(answer_of(ROWS))
    let, early = threading.Event(), threading.Event()

    def answer(request: Request) -> Response:
        if request.page == 1:
            early.wait(0.2)
            let.set()
        elif not let.is_set():
            early.set()
        return page_of(ROWS, request.page)

    walk_of(answer, stored, PREFETCHED)
    assert not early.is_set()


def test_of_a_feed_that_does_not_tell_how_many_pages_there_are_the_stored_ones_are_asked_for() -> None:
    pages = [ROWS[:9], ROWS[9:18], ROWS[18:27]]
    stored = stored_pages(_pages(*pages))
    found, asked = walk_of(_pages(*pages), stored, PREFETCHED)
    assert (found.digest, asked) == (stored.digest, [1, 2, 3, 4, 5])


def test_pages_known_by_their_bytes_are_asked_for_ahead() -> None:
    stored = stored_pages(answer_of(ROWS))
    both = threading.Barrier(2)

    def answer(request: Request) -> Response:
        if request.page > 1:
            both.wait(180)
        return page_of(ROWS, request.page)

    assert walk_of(answer, stored, PREFETCHED)[0].digest == stored.digest
