"""The HTTP client: what is sent, what is retried, what fails and how it says so."""

import base64
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from planion_assets.feed.client import USER_AGENT, FeedClient, Usage
from planion_assets.feed.errors import DeadlineError, PermanentFeedError
from planion_assets.keys import ConferenceKey
from planion_assets_tests.feed.server import (
    KEY,
    TOKEN,
    FakeTime,
    Request,
    Response,
    ScriptedServer,
    client_of,
    items,
    page_from,
    page_of,
)

FAR = 2_000_000.0
GOOD = page_of(items(3), 1)


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (301, "redirects are not followed"),
        (400, "check the account and conference"),
        (401, "PLANION_TOKEN_AAA"),
        (403, "PLANION_TOKEN_AAA"),
        (404, "feed.url"),
        (410, "feed.url"),
        (418, "ask Planstone"),
    ],
)
def test_an_answer_not_worth_retrying_fails_at_once_with_a_remedy(status: int, remedy: str) -> None:
    with ScriptedServer(lambda _: Response(TOKEN.encode(), status)) as server, client_of(server) as client:
        with pytest.raises(PermanentFeedError) as caught:
            page_from(client, KEY, 3, deadline=FAR)
        assert len(server.requests) == 1
    message = str(caught.value)
    assert f"AAA|AM2026, page 3 (1 attempt): answered {status}" in message
    assert remedy in message
    assert TOKEN not in message


def test_no_request_is_sent_after_the_deadline() -> None:
    time = FakeTime()
    with ScriptedServer(lambda _: GOOD) as server, client_of(server, time=time) as client:
        with pytest.raises(DeadlineError, match=r"feed\.walk_timeout"):
            page_from(client, KEY, 1, deadline=time.seconds)
        assert server.requests == []


def _prefetched_page(client: FeedClient) -> None:
    """Ask early, and wait until the answer is there."""
    client.prefetch_first_page(KEY)
    ((_, answer),) = client._prefetched.values()
    answer.exception()


def test_a_page_that_was_asked_for_early_is_asked_for_once() -> None:
    usage = Usage()
    with ScriptedServer(lambda _: GOOD) as server, client_of(server) as client:
        _prefetched_page(client)
        assert client.get(KEY, 1, bytes, deadline=FAR, usage=usage) == GOOD.body
        assert (len(server.requests), usage.requests, usage.retries) == (1, 1, 0)
        client.get(KEY, 1, bytes, deadline=FAR)
        client.get(KEY, 2, bytes, deadline=FAR)
        assert [request.page for request in server.requests] == [1, 1, 2], "an answer is taken once"


def test_an_early_answer_that_nobody_took_in_time_is_asked_for_again() -> None:
    time = FakeTime()
    with ScriptedServer(lambda _: GOOD) as server, client_of(server, time=time) as client:
        _prefetched_page(client)
        time.seconds += 6
        client.get(KEY, 1, bytes, deadline=FAR)
        assert len(server.requests) == 2


def test_an_early_request_that_fails_is_the_first_attempt() -> None:
    usage = Usage()
    statuses = [503, 200, 401]
    with ScriptedServer(lambda asked: replace(GOOD, status=statuses[asked.number])) as server:
        with client_of(server, time=FakeTime()) as client:
            _prefetched_page(client)
            assert client.get(KEY, 1, bytes, deadline=FAR, usage=usage) == GOOD.body
            assert (usage.requests, usage.retries) == (2, 1)
            _prefetched_page(client)
            with pytest.raises(PermanentFeedError, match=r"page 1 \(1 attempt\): answered 401"):
                client.get(KEY, 1, bytes, deadline=FAR)


def test_an_early_request_ends_when_reading_is_abandoned() -> None:
    came, go = threading.Event(), threading.Event()

    def silent(_: Request) -> Response:
        came.set()
        go.wait(60)
        return GOOD

    with ScriptedServer(silent) as server, client_of(server) as client:
        client.prefetch_first_page(KEY)
        assert came.wait(60)
        client.abandon()
        with pytest.raises(DeadlineError, match="the refresh was stopped"):
            client.get(KEY, 1, bytes, deadline=FAR)
        go.set()


def test_basic_authentication_sends_the_token_as_user_name() -> None:
    with ScriptedServer(lambda _: GOOD) as server, client_of(server) as client:
        page_from(client, KEY, 1, deadline=FAR)
        headers = server.requests[0].headers
    assert headers["authorization"] == "Basic " + base64.b64encode(f"{TOKEN}:".encode()).decode()
    assert headers["accept"] == "application/json"
    assert headers["user-agent"] == USER_AGENT


def test_header_authentication_sends_the_token_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with ScriptedServer(lambda _: GOOD) as server, client_of(server, auth="header") as client:
        page_from(client, KEY, 1, deadline=FAR)
        assert server.requests[0].headers["authorization"] == TOKEN


@pytest.mark.parametrize("conference", ["A&B+C#%25 é", "2018", '"}', "a/b", "..", "🎪"])
def test_where_decodes_to_the_conference_asked_for_on_every_page(conference: str) -> None:
    key = ConferenceKey("A&A", conference)
    with ScriptedServer(lambda request: page_of([], request.page)) as server, client_of(server) as client:
        for number in (1, 2, 3):
            page_from(client, key, number, deadline=FAR)
        asked = [(request.path, request.where, request.page) for request in server.requests]
    where = {"account": "A&A", "conference": conference}
    assert asked == [("/feed/v1/sessions", where, number) for number in (1, 2, 3)]


def test_the_token_is_in_no_representation() -> None:
    client = FeedClient("https://feed.test/feed/v1", TOKEN)
    assert TOKEN not in repr(client)
