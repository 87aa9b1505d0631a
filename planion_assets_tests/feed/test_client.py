"""The HTTP client: what is sent, what is retried, what fails and how it says so."""

import base64
import gzip
import logging
from email.utils import formatdate
from pathlib import Path

import pytest

from planion_assets.feed.client import USER_AGENT, FeedClient, Limits
from planion_assets.feed.errors import ContractError, DeadlineError, PermanentFeedError, TransientFeedError
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


BROKEN = {
    "500": Response(b"<html>", 500, {"Content-Type": "text/html"}),
    "502": Response(b"", 502),
    "503": Response(b"", 503),
    "504": Response(b"", 504),
    "429": Response(b"", 429),
    "HTML with 200": Response(b"<html>busy</html>", 200, {"Content-Type": "text/html"}),
    "bad JSON": Response(b'{"_items": [{]}'),
    "JSON cut short": Response(b'{"_items": [{"account": "AAA"'),
    "empty body": Response(b""),
    "truncated body": Response(GOOD.body[:50], declared=len(GOOD.body)),
    "bad gzip": Response(b"no gzip at all", 200, {"Content-Encoding": "gzip"}),
    "not UTF-8": Response(b'{"_items": ["\xff"]}'),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_that_lasts_fails_after_the_attempts_allowed(fault: str) -> None:
    time = FakeTime()
    with ScriptedServer(lambda _: BROKEN[fault]) as server, client_of(server, time=time) as client:
        with pytest.raises(TransientFeedError, match=r"GET /feed/v1/sessions of AAA\|AM2026, page 1 \(5 attempts\)"):
            page_from(client, KEY, 1, deadline=FAR)
        assert len(server.requests) == 5
    assert len(time.slept) == 4


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_that_passes_is_retried_counted_and_logged(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: Request) -> Response:
        return BROKEN[fault] if request.number < 2 else GOOD

    with ScriptedServer(answer) as server, client_of(server) as client, caplog.at_level(logging.WARNING):
        page = page_from(client, KEY, 1, deadline=FAR)
        assert len(page.items) == 3
        assert (client.usage.requests, client.usage.retries) == (3, 2)
    assert [record.getMessage()[:16] for record in caplog.records] == ["attempt 1 failed", "attempt 2 failed"]


def test_a_refused_connection_is_worth_retrying() -> None:
    with ScriptedServer(lambda _: GOOD) as server:
        client = client_of(server)
    with client, pytest.raises(TransientFeedError, match=r"5 attempts.*connection failed.*feed.url"):
        page_from(client, KEY, 1, deadline=FAR)


@pytest.mark.parametrize(
    ("header", "waits"),
    [("7", 7.0), (formatdate(1_000_000 + 90, usegmt=True), 90.0)],
)
def test_the_server_says_how_long_to_wait(header: str, waits: float) -> None:
    def answer(request: Request) -> Response:
        return Response(b"", 429, {"Retry-After": header}) if request.number == 0 else GOOD

    time = FakeTime()
    with ScriptedServer(answer) as server, client_of(server, time=time) as client:
        page_from(client, KEY, 1, deadline=FAR)
    assert time.slept == [pytest.approx(waits)]


def test_a_wait_beyond_the_deadline_fails_without_waiting() -> None:
    time = FakeTime()
    busy = Response(b"", 429, {"Retry-After": "86400"})
    with ScriptedServer(lambda _: busy) as server, client_of(server, time=time) as client:
        with pytest.raises(TransientFeedError, match="answered 429"):
            page_from(client, KEY, 1, deadline=time.seconds + 60)
    assert time.slept == []


def test_no_request_is_sent_after_the_deadline() -> None:
    time = FakeTime()
    with ScriptedServer(lambda _: GOOD) as server, client_of(server, time=time) as client:
        with pytest.raises(DeadlineError, match=r"feed\.walk_timeout"):
            page_from(client, KEY, 1, deadline=time.seconds)
        assert server.requests == []


def test_a_body_beyond_the_size_limit_is_refused() -> None:
    bomb = Response(gzip.compress(b" " * (3 << 20)), 200, {"Content-Encoding": "gzip"})
    limits = Limits(max_page_bytes=1 << 20)
    with ScriptedServer(lambda _: bomb) as server, client_of(server, limits=limits) as client:
        with pytest.raises(ContractError, match="larger than 1 MiB"):
            page_from(client, KEY, 1, deadline=FAR)


def test_a_redirect_is_not_followed_and_the_token_stays_home() -> None:
    with ScriptedServer(lambda _: GOOD) as other:
        away = Response(b"", 302, {"Location": f"{other.url}/sessions"})
        with ScriptedServer(lambda _: away) as server, client_of(server) as client:
            with pytest.raises(PermanentFeedError, match="answered 302; redirects are not followed"):
                page_from(client, KEY, 1, deadline=FAR)
        assert other.requests == []


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


def test_a_token_that_the_feed_echoes_is_scrubbed_before_the_text_is_cut() -> None:
    echo = Response(f"<html>{'x' * 45}{TOKEN}".encode(), 200, {"Content-Type": "text/html"})
    with ScriptedServer(lambda _: echo) as server, client_of(server) as client:
        with pytest.raises(TransientFeedError) as caught:
            page_from(client, KEY, 1, deadline=FAR)
    assert TOKEN[:6] not in str(caught.value)


def test_the_token_is_in_no_representation() -> None:
    client = FeedClient("https://feed.test/feed/v1", TOKEN)
    assert TOKEN not in repr(client)
