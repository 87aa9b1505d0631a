"""Pages that are the stored ones byte for byte are not parsed; any other walk is what it would be without them."""

import errno
import gc
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from planion_assets.feed import known_pages
from planion_assets.feed.client import Limits
from planion_assets.feed.errors import DeadlineError, FeedError
from planion_assets.feed.known_pages import KnownPages
from planion_assets.feed.page_series import Walk
from planion_assets.feed.snapshot import read_snapshot
from planion_assets.feed.spooled_items import SpooledItems
from planion_assets.feed.walk import walk
from planion_assets.spool import Spool
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
    item,
    items,
    page_of,
    pages_parsed,
)

ROWS = items(250)
ONE_AT_A_TIME, PREFETCHED = FAST, replace(FAST, max_at_once=4)
BOTH = pytest.mark.parametrize("limits", [ONE_AT_A_TIME, PREFETCHED], ids=["one at a time", "prefetched"])


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the pages that were parsed."""
    return pages_parsed(monkeypatch)


def _of(rows: Sequence[Any]) -> Answer:
    return lambda request: page_of(rows, request.page)


def _pages(*pages: Sequence[Any], **meta: Any) -> Answer:
    """Pages that name neither a number nor a next one, and a total only in `meta`; empty ones after the last."""

    def answer(request: Request) -> Response:
        rows = pages[request.page - 1] if request.page <= len(pages) else []
        return body({"_items": rows} | ({"_meta": meta} if meta else {}))

    return answer


def _walk(answer: Answer, stored: KnownPages | None = None, limits: Limits = FAST) -> tuple[Walk, list[int]]:
    """The walk, and the pages that were asked for."""
    with LocalFeed(answer) as server, client_of(server, limits=limits) as client:
        walked = walk(client, KEY, known=stored)
        return walked, sorted(request.page for request in server.requests)


def _stored(answer: Answer) -> KnownPages:
    walked, _ = _walk(answer)
    return KnownPages(walked.digest, walked.bodies, len(walked.items))


def _told(walked: Walk) -> Any:
    """All that a walk is; which reads its items."""
    items_ = [(item.payload, item.digest, item.content, item.member("schedid")) for item in walked.items]
    return items_, walked.pages, walked.digest, walked.bodies


def _edited(*places: int) -> list[dict[str, Any]]:
    return [{**row, "sessionName": "Edited"} if place in places else row for place, row in enumerate(ROWS)]


@BOTH
@pytest.mark.parametrize(
    "rows",
    [
        _edited(0),
        _edited(150),
        _edited(249),
        _edited(50, 249),
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
    stored = _stored(_of(ROWS))
    expected, _ = _walk(_of(rows), limits=limits)
    found, asked = _walk(_of(rows), stored, limits)
    assert _told(found) == _told(expected)
    assert (found.digest == stored.digest) == (sorted(map(str, rows)) == sorted(map(str, ROWS)))
    assert asked == list(range(1, expected.pages + 1)), "each page once"


@BOTH
def test_the_same_pages_in_another_order_are_read(parsed: list[int], limits: Limits) -> None:
    """Pages without numbers, whose bytes are the stored ones."""
    pages = [ROWS[:100], ROWS[100:200], ROWS[200:]]
    swapped = [pages[1], pages[0], pages[2]]
    meta = {"total": 250, "max_results": 100}
    stored = _stored(_pages(*pages, **meta))
    parsed.clear()
    found, _ = _walk(_pages(*swapped, **meta), stored, limits)
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
    stored = _stored(_pages(ROWS[:9], ROWS[9:18], ROWS[18:20]))
    found, asked = _walk(_pages(*pages), stored)
    expected, asked_without = _walk(_pages(*pages))
    assert (_told(found), asked) == (_told(expected), asked_without)
    assert found.digest != stored.digest


@pytest.mark.parametrize("more", [0, 2], ids=["another page", "pages behind the end"])
def test_a_stored_walk_that_goes_on_behind_the_end_ends_all_the_same(more: int) -> None:
    stored = _stored(_of(ROWS))
    behind = [page_of(ROWS, number).body for number in range(4, 4 + more)]
    bodies = (*stored.bodies, *(hashlib.sha256(body).digest() for body in behind), bytes(32))
    found, _ = _walk(_of(ROWS), replace(stored, bodies=bodies))
    assert _told(found) == _told(_walk(_of(ROWS))[0])


@BOTH
@pytest.mark.parametrize("rows", [ROWS, items(100), items(7), []], ids=["three pages", "full", "short", "empty"])
def test_the_same_bytes_are_not_parsed(parsed: list[int], limits: Limits, rows: list[Any]) -> None:
    expected, _ = _walk(_of(rows))
    stored = KnownPages(expected.digest, expected.bodies, len(rows))
    parsed.clear()
    found, asked = _walk(_of(rows), stored, limits)
    assert asked == list(range(1, expected.pages + 1))
    assert (found.pages, found.digest, found.bodies, len(found.items)) == (
        expected.pages,
        expected.digest,
        expected.bodies,
        len(rows),
    )
    assert parsed == []
    assert _told(found) == _told(expected)
    assert found.items[-1:] == expected.items[-1:]
    assert parsed == list(range(1, expected.pages + 1)), "each once, whoever asks for items"


def test_of_pages_that_differ_each_is_parsed_once(parsed: list[int]) -> None:
    stored = _stored(_of(ROWS))
    parsed.clear()
    _walk(_of(_edited(150)), stored)
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
    stored = _stored(_of(ROWS))
    said = []
    for known in (None, stored):
        with LocalFeed(_of(ROWS)) as server, client_of(server, limits=limits) as client:
            with pytest.raises(FeedError, match=reason) as caught:
                walk(client, KEY, known=known)
            said.append((str(caught.value), len(server.requests)))
    assert said[0] == said[1]


def test_what_is_known_by_its_bytes_ends_with_the_time_of_the_walk() -> None:
    stored = _stored(_of(ROWS))
    time = FakeTime(step=FAST.walk_timeout / 2)
    with LocalFeed(_of(ROWS)) as server, client_of(server, time=time) as client:
        with pytest.raises(DeadlineError):
            walk(client, KEY, known=stored)


def test_page_two_is_asked_for_when_page_one_has_come_and_not_before() -> None:
    stored = _stored(_of(ROWS))
    let, early = threading.Event(), threading.Event()

    def answer(request: Request) -> Response:
        if request.page == 1:
            early.wait(0.2)
            let.set()
        elif not let.is_set():
            early.set()
        return page_of(ROWS, request.page)

    _walk(answer, stored, PREFETCHED)
    assert not early.is_set()


def test_of_a_feed_that_does_not_tell_how_many_pages_there_are_the_stored_ones_are_asked_for() -> None:
    pages = [ROWS[:9], ROWS[9:18], ROWS[18:27]]
    stored = _stored(_pages(*pages))
    found, asked = _walk(_pages(*pages), stored, PREFETCHED)
    assert (found.digest, asked) == (stored.digest, [1, 2, 3, 4, 5])


def test_pages_known_by_their_bytes_are_asked_for_ahead() -> None:
    stored = _stored(_of(ROWS))
    both = threading.Barrier(2)

    def answer(request: Request) -> Response:
        if request.page > 1:
            both.wait(180)
        return page_of(ROWS, request.page)

    assert _walk(answer, stored, PREFETCHED)[0].digest == stored.digest


def test_a_feed_that_changes_after_its_first_page_is_walked_until_two_walks_agree(parsed: list[int]) -> None:
    """The first page is the stored one, the second of another state whose counts agree."""
    after = [*ROWS[1:], item("added")]
    stored = _stored(_of(ROWS))
    parsed.clear()

    def answer(request: Request) -> Response:
        return page_of(ROWS if request.number < 1 else after, request.page)

    with LocalFeed(answer) as server, client_of(server) as client:
        snapshot = read_snapshot(client, KEY, stored.digest, known=stored)
        assert len(server.requests) == 9
    assert (snapshot.unchanged, snapshot.reading.walks) == (False, 3)
    assert snapshot.digest == _stored(_of(after)).digest


def test_a_feed_that_comes_back_to_what_is_stored_is_known_in_its_second_walk(parsed: list[int]) -> None:
    stored = _stored(_of(ROWS))
    parsed.clear()

    def answer(request: Request) -> Response:
        return page_of(ROWS if request.number != 1 else items(240), request.page)

    with LocalFeed(answer) as server, client_of(server) as client:
        snapshot = read_snapshot(client, KEY, stored.digest, known=stored)
        assert len(server.requests) == 5
    assert (snapshot.unchanged, snapshot.reading.walks, snapshot.bodies) == (True, 2, stored.bodies)
    assert parsed == [1, 2], "of the first walk, which is not whole"


@pytest.mark.parametrize("edited", [False, True], ids=["unchanged", "changed"])
def test_a_snapshot_that_is_known_by_its_bytes_takes_one_walk_and_another_two(edited: bool) -> None:
    stored = _stored(_of(ROWS))
    rows = _edited(150) if edited else ROWS
    with LocalFeed(_of(rows)) as server, client_of(server) as client:
        snapshot = read_snapshot(client, KEY, stored.digest, known=stored)
        assert len(server.requests) == snapshot.reading.requests == (6 if edited else 3)
    assert (snapshot.unchanged, snapshot.reading.pages, len(snapshot.items)) == (not edited, 3, 250)
    assert snapshot.bodies == (_stored(_of(rows)).bodies if edited else stored.bodies)


def test_other_bytes_of_the_same_content_are_read_and_unchanged(parsed: list[int]) -> None:
    stored = _stored(_of(ROWS))
    parsed.clear()
    rows = [{**row, "_etag": "other"} for row in ROWS]
    with LocalFeed(_of(rows)) as server, client_of(server) as client:
        snapshot = read_snapshot(client, KEY, stored.digest, known=stored)
        assert len(server.requests) == 3
    assert snapshot.unchanged
    assert sorted(parsed) == [1, 2, 3]
    assert [json.loads(found.payload) for found in snapshot.items] == rows


@pytest.mark.parametrize(("where", "operation"), [(tempfile.SpooledTemporaryFile, "write"), (os, "pread")])
def test_where_the_disk_refuses_what_is_put_aside_reading_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: Any, operation: str
) -> None:
    stored = _stored(_of(ROWS))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(known_pages, "_IN_MEMORY", 1)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(where, operation, refuse)
    with pytest.raises(OSError, match=f"No space left.*{tmp_path.name}"):
        list(_walk(_of(ROWS), stored)[0].items)


def test_what_was_put_aside_goes_with_the_walk_and_waits_for_no_search_for_garbage() -> None:
    stored = _stored(_of(ROWS))
    gc.collect()
    before = sum(isinstance(spooled, Spool) for spooled in gc.get_objects())
    gc.disable()
    try:
        found = _walk(_of(ROWS), stored)[0]
        assert found.digest == stored.digest
        del found
        _walk(_of(ROWS[1:]), stored)
        assert sum(isinstance(spooled, Spool) for spooled in gc.get_objects()) == before
    finally:
        gc.enable()


def test_items_asked_for_again_after_a_failure_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _walk(_of(ROWS), _stored(_of(ROWS)))[0]
    add, added = SpooledItems.add, []

    def refuse_once(self: SpooledItems, page: Any, *more: Any) -> Any:
        added.append(page)
        if len(added) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return add(self, page, *more)

    monkeypatch.setattr(SpooledItems, "add", refuse_once)
    with pytest.raises(OSError, match="No space left"):
        list(found.items)
    assert [json.loads(item.payload) for item in found.items] == ROWS
