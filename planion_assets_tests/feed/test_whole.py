"""What proves that all pages came: a count, or empty pages; and what becomes of rows that do not say whose they are."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from planion_assets.feed.endpoints import SPEAKERS
from planion_assets.feed.errors import ContractError, FeedError, NotIncludedError, UnevenWalkError
from planion_assets.feed.snapshot import Snapshot, read_snapshot
from planion_assets.feed.walk import page_order, walk
from planion_assets.keys import ConferenceKey
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.rejected_items import NO_SCHEDID, REJECTED_ITEMS
from planion_assets.tables.rejections import NO_OWNER
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.feed.server import (
    KEY,
    Answer,
    LocalFeed,
    Request,
    Response,
    body,
    client_of,
    item,
    items,
    page_of,
)

ROWS = items(250)
NEXT = {"next": {"href": "sessions?page=2"}}
Content = dict[str, Any]


def _read(answer: Answer) -> tuple[Snapshot | FeedError, list[int]]:
    """What came of reading, and the pages that were asked for."""
    with LocalFeed(answer) as server, client_of(server) as client:
        try:
            return read_snapshot(client, KEY), [request.page for request in server.requests]
        except FeedError as error:
            return error, [request.page for request in server.requests]


def _cut(*sizes: int, **more: Any) -> Answer:
    """250 rows on pages of those sizes, with the members of `more`; empty pages after them."""
    ends = [sum(sizes[:number]) for number in range(len(sizes) + 1)]

    def answer(request: Request) -> Response:
        start, end = (
            (*ends, ends[-1])[request.page - 1 : request.page + 1] if request.page <= len(sizes) else (250, 250)
        )
        return body({"_items": ROWS[start:end], **more})

    return answer


COUNTLESS: dict[str, Answer] = {
    "pages that grow": _cut(50, 100, 100),
    "pages that shrink": _cut(100, 90, 60),
    "pages that shrink and grow": _cut(100, 40, 100, 10),
    "a short page in the middle": _cut(100, 99, 51),
    "a page of one": _cut(100, 1, 100, 49),
    "an empty page in the middle": _cut(100, 0, 100, 50),
    "an empty page behind a short one": _cut(100, 50, 0, 100),
    "two empty pages apart": _cut(100, 0, 100, 0, 50),
    "a next that is null": _cut(100, 100, 50, _links={"next": None}),
    "a next that is empty": _cut(100, 100, 50, _links={"next": {}}),
    "links without a next": _cut(100, 100, 50, _links={"self": {}}),
    "a next without end": _cut(100, 100, 50, _links=NEXT),
    "links that are no object": _cut(100, 100, 50, _links=[]),
    "a total that is null": _cut(100, 100, 50, _meta={"total": None}),
    "a page size without a total": _cut(100, 100, 50, _meta={"max_results": 100}),
    "one row a page": _cut(*[25] * 10),
}


@pytest.mark.parametrize("feed", COUNTLESS)
def test_without_a_count_pages_are_read_until_two_in_a_row_are_empty(feed: str) -> None:
    snapshot, asked = _read(COUNTLESS[feed])
    assert isinstance(snapshot, Snapshot)
    assert [row.content["schedid"] for row in snapshot.items] == [str(number) for number in range(250)]
    assert snapshot.reading.walks == 3, "where no count tells of a row that is missing, one walk more has to agree"
    assert snapshot.reading.requests == len(asked) == 3 * max(asked)


def test_a_short_page_of_a_stated_size_that_others_follow_is_refused() -> None:
    error, _ = _read(_cut(100, 60, 90, _meta={"max_results": 100}))
    assert isinstance(error, UnevenWalkError)
    assert "page 2 holds 60 items of 100 and is not the last" in str(error)


def test_a_session_that_is_hidden_for_one_page_of_each_walk_is_not_lost_where_no_count_is_sent() -> None:
    """Row 0 is hidden while pages 2 and 3 are read in order, and shown again: row 100 would be on no page."""
    hidden = ROWS[1:]

    def answer(request: Request) -> Response:
        rows = hidden if request.number % 5 in (1, 2, 3, 4) else ROWS
        return body({"_items": rows[(request.page - 1) * 100 : request.page * 100]})

    found, _ = _read(answer)
    if isinstance(found, Snapshot):
        assert {row.content["schedid"] for row in found.items} in [
            {row["schedid"] for row in state} for state in (ROWS, hidden)
        ]
    else:
        assert isinstance(found, UnevenWalkError)


@pytest.mark.parametrize("links", [True, False])
def test_a_page_size_that_changes_between_pages_is_refused(links: bool) -> None:
    """Page 2 of 50 items begins at row 50: 50 rows come twice and 50 never, and the count agrees."""

    def answer(request: Request) -> Response:
        size = 100 if request.page == 1 else 50
        rows = ROWS[:200]
        content: Content = {
            "_items": rows[(request.page - 1) * size : request.page * size],
            "_meta": {"page": request.page, "max_results": size, "total": 200},
        }
        return body(content | ({"_links": NEXT if request.page < 4 else {}} if links else {}))

    error, _ = _read(answer)
    assert isinstance(error, UnevenWalkError)
    assert "page 1 is of 100 items at most and page 2 of 50, so that they overlap or leave some out" in str(error)


@pytest.mark.parametrize(
    "total", [250, 250.0, "250", "250.0", " 250 "], ids=["int", "float", "text", "float text", "padded"]
)
def test_a_whole_total_is_read_however_it_is_written(total: Any) -> None:
    snapshot, asked = _read(lambda request: page_of(ROWS, request.page, total=total))
    assert isinstance(snapshot, Snapshot)
    assert (len(snapshot.items), len(asked)) == (250, 6)


@pytest.mark.parametrize("total", [250.5, -250, "250.5", "many", True, [250], 1e300, "2.5e2", "²50"])
def test_a_total_that_counts_nothing_is_refused(total: Any) -> None:
    error, _ = _read(lambda request: page_of(ROWS, request.page, total=total))
    assert isinstance(error, ContractError)
    assert "`_meta.total` is" in str(error)


@pytest.mark.parametrize("status", [200, 404], ids=["empty", "404"])
def test_the_end_of_a_feed_without_counts_is_a_page_that_is_empty_or_not_there(status: int) -> None:
    def answer(request: Request) -> Response:
        if request.page > 3:
            return Response(b'{"_items": []}' if status == 200 else b"", status)
        return body({"_items": ROWS[(request.page - 1) * 100 : request.page * 100]})

    snapshot, asked = _read(answer)
    assert isinstance(snapshot, Snapshot)
    assert (len(snapshot.items), max(asked)) == (250, 5)


def test_a_page_that_is_not_there_is_no_end_where_the_feed_counts_more() -> None:
    error, _ = _read(lambda request: Response(b"", 404) if request.page == 2 else page_of(ROWS, request.page))
    assert isinstance(error, UnevenWalkError)
    assert "page 2 is answered 404 where 100 items have come and the feed counts 250" in str(error)


def test_a_collection_that_is_not_there_is_none_that_the_contract_includes() -> None:
    error, asked = _read(lambda request: Response(b"", 404))
    assert isinstance(error, NotIncludedError)
    assert asked == [1]


@pytest.mark.parametrize(
    ("pages", "order"),
    [(1, [1]), (2, [2, 1]), (3, [2, 1, 3]), (4, [2, 4, 1, 3]), (9, [2, 4, 6, 8, 1, 3, 5, 7, 9])],
)
def test_a_second_walk_asks_in_another_order_and_no_oftener(pages: int, order: list[int]) -> None:
    assert page_order(pages) == order
    _, asked = _read(lambda request: page_of(items(100 * pages), request.page))
    assert asked == [*range(1, pages + 1), *order]


UNOWNED: dict[str, Callable[[Content], Content]] = {
    "no account": lambda row: {name: value for name, value in row.items() if name != "account"},
    "no conference": lambda row: {name: value for name, value in row.items() if name != "conference"},
    "neither": lambda row: {"schedid": row["schedid"], "sessionName": row["sessionName"]},
    "account null": lambda row: {**row, "account": None},
    "account undefined": lambda row: {**row, "account": {"$undefined": True}},
    "conference blank": lambda row: {**row, "conference": " "},
}


@pytest.mark.parametrize("lack", UNOWNED)
def test_an_item_that_does_not_say_whose_it_is_among_others_that_do_is_rejected_by_name(lack: str) -> None:
    rows = [UNOWNED[lack](row) if place == 120 else row for place, row in enumerate(ROWS)]
    snapshot, _ = _read(lambda request: page_of(rows, request.page))
    assert isinstance(snapshot, Snapshot)
    sessions = build_table(SESSIONS, KEY, snapshot.items).data
    rejected = build_table(REJECTED_ITEMS, KEY, snapshot.items).data.to_pylist()
    assert set(sessions["schedid"].to_pylist()) == {str(n) for n in range(250) if n != 120}
    assert [(row["reason"], row["schedid"]) for row in rejected] == [(NO_OWNER, "120")]


def test_an_item_without_owner_and_schedid_lacks_its_schedid_first() -> None:
    snapshot, _ = _read(lambda request: page_of([*items(3), {"sessionName": "x"}], request.page))
    assert isinstance(snapshot, Snapshot)
    rejected = build_table(REJECTED_ITEMS, KEY, snapshot.items).data.to_pylist()
    assert [(row["reason"], row["schedid"]) for row in rejected] == [(NO_SCHEDID, None)]


@pytest.mark.parametrize(
    "name",
    [2018, 2018.0, " 2018 ", {"$numberInt": "2018"}, {"$numberLong": 2018}, {"$numberDecimal": "2018.0"}],
    ids=str,
)
def test_a_conference_that_is_called_by_a_number_may_come_as_any_form_of_it(name: Any) -> None:
    key = ConferenceKey("AAA", "2018")
    rows = [item(str(number), conference=name if number == 1 else "2018") for number in range(3)]
    with LocalFeed(lambda request: page_of(rows, request.page)) as server, client_of(server) as client:
        assert len(read_snapshot(client, key).items) == 3


@pytest.mark.parametrize("name", [2018.5, {"$numberInt": "2019"}, {"$oid": 2018}, [2018], True, 1e300, 1e999], ids=str)
def test_a_conference_that_is_called_otherwise_is_refused(name: Any) -> None:
    rows = [item("1", conference="2018"), item("2", conference=name)]
    with LocalFeed(lambda request: page_of(rows, request.page)) as server, client_of(server) as client:
        with pytest.raises(ContractError, match="item 2 of page 1 has conference"):
            read_snapshot(client, ConferenceKey("AAA", "2018"))


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([UNOWNED["no account"](row) for row in items(3)], "item 1 of page 1 has account 'None'"),
        ([UNOWNED["no conference"](row) for row in items(3)], "item 1 of page 1 has conference 'None'"),
        ([*items(100), UNOWNED["neither"](item("x"))], "item 1 of page 2 has account 'None'"),
        ([*items(5), UNOWNED["no account"](item("x")), item("y", account="BBB")], "item 7 of page 1 has account 'BBB'"),
        ([*items(5), {**UNOWNED["no account"](item("x")), "conference": "AM1"}], "item 6 of page 1 has conference"),
    ],
    ids=[
        "no account at all",
        "no conference at all",
        "a page that names none",
        "another account",
        "another conference",
    ],
)
def test_a_page_that_names_nobody_or_an_item_that_names_another_is_refused(rows: Sequence[Any], names: str) -> None:
    error, _ = _read(lambda request: page_of(rows, request.page))
    assert isinstance(error, ContractError)
    assert names in str(error)


def test_a_person_may_leave_the_owner_out() -> None:
    people = [{"pid": "1"}, {"pid": "2", "conference": KEY.conference}, {"pid": "3", "account": KEY.account}]
    with LocalFeed(lambda request: page_of(people, request.page)) as server, client_of(server) as client:
        assert [row.member("pid") for row in walk(client, KEY, SPEAKERS).items] == ["1", "2", "3"]
