"""Feeds that do not give the pages of another size that the second walk asks for: they are read over their own.

What such pages close is in `planion_assets_tests.feed.test_edited`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from planion_assets.feed.snapshot import Snapshot, read_snapshot
from planion_assets_tests.feed.server import (
    FAST,
    KEY,
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
Sized = Callable[[Request, Sequence[Any]], Response]

# What comes where pages of another size are asked for.
SIZED: dict[str, Sized] = {
    "400": lambda _, rows: Response(b"{}", 400),
    "403": lambda _, rows: Response(b"{}", 403),
    "404": lambda _, rows: Response(b"{}", 404),
    "500": lambda _, rows: Response(b"<html>", 500),
    "another page": lambda request, rows: page_of(rows, request.page, page=9),
    "another's rows": lambda request, rows: page_of([item("1", account="BBB")], request.page),
    "fewer than it says": lambda request, rows: page_of(rows, request.page, size=50, max_results=99),
    "more than it says": lambda request, rows: page_of(rows, request.page, size=100, max_results=99),
    "rows left out": lambda request, rows: page_of([row for n, row in enumerate(rows) if n % 100 < 99], request.page),
    "the size for the total": lambda request, rows: page_of(rows[:99], request.page, size=99),
    "nothing": lambda request, rows: page_of([], request.page, size=99),
    "nothing, without a count": lambda _, rows: body({"_items": []}),
}


@pytest.mark.parametrize("max_walks", [2, 4])
@pytest.mark.parametrize("repeats", [False, True], ids=["", "an item twice"])
@pytest.mark.parametrize("sized", SIZED)
def test_a_feed_that_has_no_pages_of_another_size_is_read_over_its_own(
    sized: str, repeats: bool, max_walks: int
) -> None:
    rows = [*ROWS[:249], ROWS[0]] if repeats else ROWS
    limits = replace(FAST, max_walks=max_walks)

    def answer(request: Request) -> Response:
        return SIZED[sized](request, rows) if request.size else page_of(rows, request.page)

    with LocalFeed(answer) as server, client_of(server, limits=limits) as client:
        snapshot = read_snapshot(client, KEY)
    assert isinstance(snapshot, Snapshot)
    assert sorted(row.content["schedid"] for row in snapshot.items) == sorted(row["schedid"] for row in rows)
    assert len(snapshot.bodies) == 3, "and its pages are known again by their bytes"
    own = [request.page for request in server.requests if request.size is None]
    assert own[3:6] in ([2, 1, 3], [1, 2, 3])
    assert own[-3:] == [2, 1, 3] or repeats, "the walk that confirms another asks in another order"


@pytest.mark.parametrize("stated", [True, False])
def test_pages_of_one_item_fewer_are_asked_for_whether_or_not_the_feed_states_their_size(stated: bool) -> None:
    def answer(request: Request) -> Response:
        return page_of(ROWS, request.page, size=request.size or 100, **({} if stated else {"max_results": None}))

    with LocalFeed(answer) as server, client_of(server) as client:
        assert len(read_snapshot(client, KEY).items) == 250
    assert [request.size for request in server.requests] == [None, None, None, 99, 99, 99]


def test_a_feed_that_keeps_its_page_size_is_parsed_once_for_both_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = pages_parsed(monkeypatch)
    with LocalFeed(lambda request: page_of(items(250), request.page)) as server, client_of(server) as client:
        assert read_snapshot(client, KEY).reading.requests == 6
    assert sorted(parsed) == [1, 2, 3]
