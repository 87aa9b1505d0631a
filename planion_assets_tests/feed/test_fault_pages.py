"""Faults of a series of pages: it ends in bounded requests, and only a state that the feed truly had is a snapshot."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from planion_assets.feed.endpoints import SESSIONS, SPEAKERS, Endpoint
from planion_assets.feed.errors import ContractError, FeedError, PermanentFeedError, UnevenWalkError
from planion_assets.feed.limits import Limits
from planion_assets.feed.snapshot import Snapshot, read_snapshot
from planion_assets_tests.feed.faults import GOOD, nothing_leaks
from planion_assets_tests.feed.server import (
    FAST,
    KEY,
    TOKEN,
    Answer,
    LocalFeed,
    Request,
    Response,
    ScriptedServer,
    body,
    client_of,
    item,
    items,
    page_of,
)

ROWS = items(250)
NEXT = {"next": {"href": "sessions?page=2"}}


def _refused(answer: Answer, limits: Limits = FAST, endpoint: Endpoint = SESSIONS) -> tuple[FeedError, int]:
    """The error of a reading that fails, and the requests it took."""
    with LocalFeed(answer) as server, client_of(server, limits=limits) as client:
        with pytest.raises(FeedError) as caught:
            read_snapshot(client, KEY, endpoint=endpoint)
    return caught.value, len(server.requests)


def _redirected(response: Response) -> tuple[FeedError, int]:
    """The error of a reading that is redirected, and the requests it took."""
    with ScriptedServer(lambda _: response) as server, client_of(server) as client, nothing_leaks(client) as errors:
        with pytest.raises(PermanentFeedError) as caught:
            read_snapshot(client, KEY)
        errors.append(caught.value)
    return caught.value, len(server.requests)


def _without_meta(rows: list[dict[str, Any]], page: int, links: dict[str, Any] | None = None) -> Response:
    return body({"_items": rows[(page - 1) * 100 : page * 100], "_links": links or NEXT})


def _endless(request: Request) -> Response:
    """Pages without end, each of other rows, none of which states a total."""
    return body({"_items": items(10, start=request.page * 10), "_links": NEXT})


ENDLESS: dict[str, tuple[Answer, int, str]] = {
    "a server that ignores page": (lambda _: page_of(ROWS, 1), 2, "page 2 was asked for and page 1 came"),
    "a server that ignores page and states none": (lambda _: _without_meta(ROWS, 1), 2, "page 2 repeats page 1"),
    "a server that ignores page and sends no links": (
        lambda _: body({"_items": ROWS[:100]}),
        2,
        "page 2 repeats page 1",
    ),
    "a next that loops": (
        lambda request: _without_meta(ROWS + items(50, start=250), (request.page - 1) % 3 + 1),
        4,
        "page 4 repeats page 1",
    ),
    "a next that stays": (
        lambda request: page_of(ROWS, request.page) if request.page < 3 else _without_meta(ROWS, 2),
        3,
        "page 3 repeats page 2",
    ),
    "no total and endless pages": (_endless, FAST.max_pages, "raise `feed.max_pages`"),
}


@pytest.mark.parametrize("fault", ENDLESS)
def test_endless_pages_end_in_bounded_requests_with_the_reason(fault: str) -> None:
    answer, bound, reason = ENDLESS[fault]
    error, requests = _refused(answer)
    assert isinstance(error, ContractError)
    assert reason in str(error)
    assert requests == bound


def test_endless_pages_end_when_they_are_too_large_together() -> None:
    limits = Limits(max_walk_bytes=1 << 20)
    error, requests = _refused(
        lambda request: body({"_items": [item(str(request.page), description="x" * (1 << 18))], "_links": NEXT}), limits
    )
    assert isinstance(error, ContractError)
    assert "4 pages hold" in str(error)
    assert "more than 1 MiB; raise `feed.max_walk_mib`" in str(error)
    assert requests == 4


def test_a_total_of_100000_over_250_rows_ends_in_bounded_requests_with_the_reason() -> None:
    error, requests = _refused(lambda request: page_of(ROWS, request.page, total=100_000))
    assert isinstance(error, UnevenWalkError)
    assert "250 items came on 4 pages, and the feed counts 100000" in str(error)
    # Each walk asks for one page beyond the last, which is empty.
    assert requests == FAST.max_walks * 4


class Edited:
    """A feed of small pages whose rows are edited at random after some `requests`; remembers its `states`.

    Rows that go do not come back, as in the feed: a `schedid` is never given twice.
    """

    def __init__(self, seed: int, edit: str, requests: int) -> None:
        self.random, self.edit, self.requests = random.Random(seed), edit, requests  # noqa: S311 - no secret
        self.rows = items(self.random.randint(8, 14))
        self.added = 100
        self.states = [frozenset(row["schedid"] for row in self.rows)]

    def __call__(self, request: Request) -> Response:
        """The page as the feed is, which is then edited."""
        answer = page_of(self.rows, request.page, size=4)
        self.requests -= 1
        if self.requests >= 0 and self.random.random() < 0.5:
            if self.edit != "appear":
                del self.rows[self.random.randrange(len(self.rows))]
            if self.edit != "vanish":
                self.added += 1
                self.rows.insert(self.random.randrange(len(self.rows) + 1), item(str(self.added)))
            self.states.append(frozenset(row["schedid"] for row in self.rows))
        return answer


@pytest.mark.parametrize("edit", ["vanish", "appear", "vanish and appear, so that all counts agree"])
def test_rows_that_change_between_pages_never_make_a_state_that_the_feed_did_not_have(edit: str) -> None:
    feeds = [Edited(seed, edit, requests=seed % 12) for seed in range(50)]
    verified = walks = 0
    with LocalFeed(lambda request: feed(request)) as server:  # noqa: PLW0108 - another feed each time
        with client_of(server, limits=Limits(max_walks=6)) as client:
            for feed in feeds:
                try:
                    snapshot = read_snapshot(client, KEY)
                except UnevenWalkError:
                    continue
                identifiers = [entry.content["schedid"] for entry in snapshot.items]
                assert len(identifiers) == len(set(identifiers))
                assert frozenset(identifiers) in feed.states
                verified += 1
                walks += snapshot.reading.walks
    # The feed did change under the walks, and most readings came to an end.
    assert verified > 40
    assert walks > 2.5 * verified


@pytest.mark.parametrize("endpoint", [SESSIONS, SPEAKERS], ids=lambda endpoint: endpoint.name)
@pytest.mark.parametrize(
    ("stranger", "names"),
    [({"account": "BBB"}, "account 'BBB'"), ({"conference": "AM2027"}, "conference 'AM2027'")],
)
def test_rows_of_another_account_or_conference_are_refused(
    stranger: dict[str, str], names: str, endpoint: Endpoint
) -> None:
    rows = [*items(120), item("7", **stranger), *items(20, start=200)]
    error, requests = _refused(lambda request: page_of(rows, request.page), endpoint=endpoint)
    assert isinstance(error, ContractError)
    assert f"item 21 of page 2 has {names} in place of" in str(error)
    assert requests == 2


def test_where_ignored_is_refused_although_every_page_fits() -> None:
    everyone = [item(str(n), conference=f"AM20{20 + n % 10}") for n in range(250)]
    error, requests = _refused(lambda request: page_of(everyone, request.page))
    assert isinstance(error, ContractError)
    assert "so the feed did not keep to `where`" in str(error)
    assert requests == 1


AWAY: dict[str, Callable[[str], str]] = {
    "host": lambda port: f"http://localhost:{port}/feed/v1/sessions?page=2",
    "scheme": lambda port: f"https://127.0.0.1:{port}/feed/v1/sessions?page=2",
    "port": lambda port: f"http://127.0.0.1:{port}/feed/v1/sessions?page=2",
    "userinfo": lambda port: f"http://somebody:secret@127.0.0.1:{port}/feed/v1/sessions?page=2",
    "no scheme": lambda port: f"//127.0.0.1:{port}/feed/v1/sessions?page=2",
}


@pytest.mark.parametrize("away", ["host", "no scheme"])
def test_a_next_that_leads_away_is_not_followed_and_the_token_stays_at_the_configured_origin(away: str) -> None:
    with ScriptedServer(lambda _: GOOD) as other:
        link = {"next": {"href": AWAY[away](other.origin.rsplit(":", 1)[1])}}

        def answer(request: Request) -> Response:
            return _without_meta(ROWS, request.page, link if request.page < 3 else {"self": {}})

        with ScriptedServer(answer) as server, client_of(server) as client, nothing_leaks(client):
            snapshot = read_snapshot(client, KEY)
        assert isinstance(snapshot, Snapshot)
        assert len(snapshot.items) == 250
        assert [request.page for request in server.requests] == [1, 2, 3, 4, 5, 2, 4, 1, 3, 5, 1, 2, 3, 4, 5]
        assert all("authorization" in request.headers for request in server.requests)
        assert other.connections == 0


@pytest.mark.parametrize(("away", "status"), [*zip(AWAY, [301, 302, 303, 307, 308], strict=True)], ids=str)
def test_a_redirect_is_not_followed_and_the_token_stays_at_the_configured_origin(away: str, status: int) -> None:
    with ScriptedServer(lambda _: GOOD) as other:
        location = AWAY[away](other.origin.rsplit(":", 1)[1])
        error, requests = _redirected(Response(TOKEN.encode(), status, {"Location": location}))
        assert f"answered {status}; redirects are not followed" in str(error)
        assert requests == 1
        assert other.connections == 0


@pytest.mark.parametrize("location", ["http://[", "http://\x80", "ftp://x", "", "http://a b:x/"])
def test_a_redirect_to_no_address_is_refused_like_any_other(location: str) -> None:
    _, requests = _redirected(Response(b"", 302, {"Location": location}))
    assert requests == 1
