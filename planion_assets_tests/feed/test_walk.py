"""A walk ends in bounded steps, and is whole or an error."""

from collections.abc import Callable
from typing import Any

import pytest

from planion_assets.feed.client import Limits
from planion_assets.feed.errors import (
    ContractError,
    DeadlineError,
    FeedError,
    TransientFeedError,
    UnevenWalkError,
)
from planion_assets.feed.page_series import Walk
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.server import (
    FAST,
    KEY,
    TOKEN,
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
)

NEXT = {"next": {"href": "sessions?page=2"}}


def _walk(answer: Answer, limits: Limits = FAST, time: FakeTime | None = None) -> tuple[Walk, int]:
    with LocalFeed(answer) as server, client_of(server, limits=limits, time=time) as client:
        return walk(client, KEY), len(server.requests)


def _failing(answer: Answer, limits: Limits = FAST) -> tuple[FeedError, int]:
    with LocalFeed(answer) as server, client_of(server, limits=limits) as client:
        with pytest.raises(FeedError) as caught:
            walk(client, KEY)
        return caught.value, len(server.requests)


def test_a_page_that_is_short_and_not_the_last_is_uneven() -> None:
    rows = items(250)

    def answer(request: Request) -> Response:
        served = page_of(rows, request.page)
        return (
            served
            if request.page != 2
            else body(
                {
                    "_items": rows[100:199],
                    "_meta": {"page": 2, "max_results": 100, "total": 250},
                    "_links": NEXT,
                }
            )
        )

    error, _ = _failing(answer)
    assert isinstance(error, UnevenWalkError)
    assert "page 2 holds 99 items of 100" in str(error)


def test_a_token_in_a_strangers_row_is_scrubbed() -> None:
    rows = [item("7", account=f"tok {TOKEN}")]
    error, _ = _failing(lambda request: page_of(rows, request.page))
    assert "has account 'tok [token]'" in str(error)


def test_pages_that_state_no_total_do_not_contradict_those_that_do() -> None:
    rows = items(250)
    result, _ = _walk(
        lambda request: (
            page_of(rows, request.page)
            if request.page == 1
            else body({"_items": rows[(request.page - 1) * 100 : request.page * 100]})
        )
    )
    assert len(result.items) == 250


def test_a_total_that_changes_between_pages_is_uneven() -> None:
    rows = items(250)
    error, requests = _failing(lambda request: page_of(rows, request.page, total=250 + request.page // 2))
    assert isinstance(error, UnevenWalkError)
    assert "250 items on page 1 and 251 on page 2" in str(error)
    assert requests == 2


@pytest.mark.parametrize(("total", "requests"), [(100_000, 4), (249, 3), (251, 4)])
def test_a_total_that_the_items_do_not_reach_is_uneven(total: int, requests: int) -> None:
    rows = items(250)
    error, asked = _failing(lambda request: page_of(rows, request.page, total=total))
    assert isinstance(error, UnevenWalkError)
    assert f"250 items came on {requests} pages, and the feed counts {total}" in str(error)
    assert asked == requests


def test_a_slow_walk_ends_at_its_deadline() -> None:
    limits = Limits(walk_timeout=10)
    with pytest.raises(DeadlineError, match="walk's time of 10 s ran out"):
        _walk(
            lambda request: body({"_items": items(10, start=request.page * 10), "_links": NEXT}),
            limits,
            FakeTime(step=0.5),
        )


@pytest.mark.parametrize(
    "stranger",
    [
        item("7", account="BBB"),
        item("7", conference="AM2027"),
        item("7", account=True),
        item("7", account=["AAA"]),
        item("7", conference={"AM2026": 1}),
    ],
)
def test_a_row_of_another_conference_breaks_the_contract(stranger: dict[str, Any]) -> None:
    rows = [*items(120), stranger]
    error, _ = _failing(lambda request: page_of(rows, request.page))
    assert isinstance(error, ContractError)
    assert "item 21 of page 2 has" in str(error)


def test_an_error_of_a_page_is_the_walks() -> None:
    error, _ = _failing(lambda request: Response(b"", 503) if request.page == 2 else page_of(items(150), request.page))
    assert isinstance(error, TransientFeedError)
    assert "page 2 (5 attempts): answered 503" in str(error)


def _without(*sections: str) -> Callable[[int], Answer]:
    def of(count: int) -> Answer:
        rows = items(count)

        def answer(request: Request) -> Response:
            start, end = (request.page - 1) * 100, request.page * 100
            content: dict[str, Any] = {"_items": rows[start:end]}
            if "_meta" not in sections:
                content["_meta"] = {"page": request.page, "max_results": 100, "total": count}
            if "_links" not in sections:
                content["_links"] = NEXT if end < count else {"self": {}}
            return body(content)

        return answer

    return of


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250, 300])
@pytest.mark.parametrize(
    ("sections", "extra"),
    # Without a count only empty pages say that there is no more, two in a row.
    [((), 0), (("_meta",), 2), (("_links",), 0), (("_meta", "_links"), 2)],
)
def test_every_item_comes_once_whatever_the_pages_say(count: int, sections: tuple[str, ...], extra: int) -> None:
    result, requests = _walk(_without(*sections)(count))
    assert [entry.content["schedid"] for entry in result.items] == [str(n) for n in range(count)]
    assert requests == max(1, -(-count // 100)) + (extra if count else 0)


def test_dirty_items_do_not_fail_a_walk() -> None:
    rows: list[Any] = [
        None,
        "text",
        [],
        7,
        item(None),
        item("1"),
        item("1"),
        item(" 1"),
        item("2", conference=" AM2026 "),
    ]
    result, _ = _walk(lambda request: page_of(rows, request.page))
    assert len(result.items) == len(rows)


def test_the_digest_of_a_walk_is_of_the_multiset() -> None:
    rows = [item("1"), item("2"), item("2")]
    one, _ = _walk(lambda request: page_of(rows, request.page))
    other, _ = _walk(lambda request: page_of(rows[::-1], request.page))
    fewer, _ = _walk(lambda request: page_of(rows[:2], request.page))
    assert one.digest == other.digest != fewer.digest
