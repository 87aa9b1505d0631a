"""A snapshot that is read with the stored pages known: how many walks it takes, and what becomes of spooled bodies."""

import errno
import gc
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from planion_assets.feed import known_pages
from planion_assets.feed.snapshot import read_snapshot
from planion_assets.feed.spooled_items import SpooledItems
from planion_assets.spool import Spool
from planion_assets_tests.feed.known_walks import ROWS, answer_of, edited_rows, stored_pages, walk_of
from planion_assets_tests.feed.server import (
    KEY,
    LocalFeed,
    Request,
    Response,
    client_of,
    item,
    items,
    page_of,
)


def test_a_feed_that_changes_after_its_first_page_is_walked_until_two_walks_agree(parsed: list[int]) -> None:
    """The first page is the stored one, the second of another state whose counts agree."""
    after = [*ROWS[1:], item("added")]
    stored = stored_pages(answer_of(ROWS))
    parsed.clear()

    def answer(request: Request) -> Response:
        return page_of(ROWS if request.number < 1 else after, request.page)

    with LocalFeed(answer) as server, client_of(server) as client:
        snapshot = read_snapshot(client, KEY, stored.digest, known=stored)
        assert len(server.requests) == 9
    assert (snapshot.unchanged, snapshot.reading.walks) == (False, 3)
    assert snapshot.digest == stored_pages(answer_of(after)).digest


def test_a_feed_that_comes_back_to_what_is_stored_is_known_in_its_second_walk(parsed: list[int]) -> None:
    stored = stored_pages(answer_of(ROWS))
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
    stored = stored_pages(answer_of(ROWS))
    rows = edited_rows(150) if edited else ROWS
    with LocalFeed(answer_of(rows)) as server, client_of(server) as client:
        snapshot = read_snapshot(client, KEY, stored.digest, known=stored)
        assert len(server.requests) == snapshot.reading.requests == (6 if edited else 3)
    assert (snapshot.unchanged, snapshot.reading.pages, len(snapshot.items)) == (not edited, 3, 250)
    assert snapshot.bodies == (stored_pages(answer_of(rows)).bodies if edited else stored.bodies)


def test_other_bytes_of_the_same_content_are_read_and_unchanged(parsed: list[int]) -> None:
    stored = stored_pages(answer_of(ROWS))
    parsed.clear()
    rows = [{**row, "_etag": "other"} for row in ROWS]
    with LocalFeed(answer_of(rows)) as server, client_of(server) as client:
        snapshot = read_snapshot(client, KEY, stored.digest, known=stored)
        assert len(server.requests) == 3
    assert snapshot.unchanged
    assert sorted(parsed) == [1, 2, 3]
    assert [json.loads(found.payload) for found in snapshot.items] == rows


@pytest.mark.parametrize("operation", ["write", "read"])
def test_where_the_disk_refuses_what_is_put_aside_reading_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    stored = stored_pages(answer_of(ROWS))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(known_pages, "_IN_MEMORY", 1)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, operation, refuse)
    with pytest.raises(OSError, match=f"No space left.*{tmp_path.name}"):
        list(walk_of(answer_of(ROWS), stored)[0].items)


def test_what_was_put_aside_goes_with_the_walk_and_waits_for_no_search_for_garbage() -> None:
    stored = stored_pages(answer_of(ROWS))
    gc.collect()
    before = sum(isinstance(spooled, Spool) for spooled in gc.get_objects())
    gc.disable()
    try:
        found = walk_of(answer_of(ROWS), stored)[0]
        assert found.digest == stored.digest
        del found
        walk_of(answer_of(ROWS[1:]), stored)
        assert sum(isinstance(spooled, Spool) for spooled in gc.get_objects()) == before
    finally:
        gc.enable()


def test_items_asked_for_again_after_a_failure_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = walk_of(answer_of(ROWS), stored_pages(answer_of(ROWS)))[0]
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
