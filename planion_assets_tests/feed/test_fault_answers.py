"""Faults of an answer: those that pass, those that last, and those that no second try can mend."""

import logging
import re
from typing import Any

import pytest
import requests

from planion_assets.feed.client import FeedClient
from planion_assets.feed.errors import TREATMENTS, Fault, FeedError, PermanentFeedError, TransientFeedError
from planion_assets.feed.limits import Limits
from planion_assets.feed.snapshot import read_snapshot
from planion_assets.feed.transport import open_session
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.faults import GOOD, PASSING, SECRETS, echo, nothing_leaks, raw
from planion_assets_tests.feed.server import (
    FAST,
    KEY,
    TOKEN,
    Answer,
    FakeTime,
    Request,
    Response,
    ScriptedServer,
    client_of,
    items,
    page_of,
)

ROWS = items(150)


def failing(client: FeedClient) -> FeedError:
    """The error of a walk that fails, after it was seen to give nothing away."""
    with nothing_leaks(client) as errors:
        with pytest.raises(FeedError) as caught:
            walk(client, KEY)
        errors.append(caught.value)
    return caught.value


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_twice_then_fine_is_retried_counted_and_logged_with_its_reason(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    times = 2

    def answer(request: Request) -> Any:
        return page_of(ROWS, request.page) if request.number >= times else PASSING[fault](request)

    caplog.set_level(logging.WARNING)
    with ScriptedServer(answer) as server, client_of(server) as client, nothing_leaks(client):
        snapshot = read_snapshot(client, KEY)
    assert len(snapshot.items) == 150
    assert (snapshot.reading.retries, snapshot.reading.requests) == (times, 4 + times)
    logged = [record.getMessage() for record in caplog.records if record.name == "planion_assets.feed.client"]
    page, attempt = r"AAA\|AM2026: page 1 of sessions", r"\(attempt {} of 5\), again in \d+\.\d s"
    assert len(logged) == times
    for number, line in enumerate(logged, 1):
        assert re.fullmatch(f"{page}(: .{{10,}}| answered .+) {attempt.format(number)}", line), line


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_for_ever_fails_within_the_deadline_and_names_path_page_attempts_and_last_cause(fault: str) -> None:
    def answer(request: Request) -> Any:
        return page_of(ROWS, 1) if request.page == 1 else PASSING[fault](request)

    time = FakeTime()
    with ScriptedServer(answer) as server, client_of(server, time=time) as client:
        error = failing(client)
        assert len(server.requests) == 1 + FAST.max_attempts
    assert isinstance(error, TransientFeedError)
    assert str(error).startswith("GET /feed/v1/sessions of AAA|AM2026, page 2 (5 attempts): ")
    remedies = [treatment.remedy for treatment in TREATMENTS.values() if treatment.family.retried]
    assert any(error.message.endswith(remedy) for remedy in remedies)
    assert len(time.slept) == FAST.max_attempts - 1
    assert sum(time.slept) < FAST.walk_timeout


def test_a_connection_refused_for_ever_fails_within_the_deadline() -> None:
    with ScriptedServer(lambda _: GOOD) as server:
        client = client_of(server)
    with client:
        error = failing(client)
    assert "GET /feed/v1/sessions of AAA|AM2026, page 1 (5 attempts): the connection failed (" in str(error)
    assert "refused" in str(error)


@pytest.mark.parametrize("fault", ["503", "connection reset", "bad JSON"])
def test_a_fault_for_ever_ends_at_the_deadline_when_that_is_before_the_last_attempt(fault: str) -> None:
    time = FakeTime(step=0.2)
    limits = Limits(walk_timeout=10, max_attempts=20)
    with ScriptedServer(PASSING[fault]) as server, client_of(server, time=time, limits=limits) as client:
        began = time.seconds
        error = failing(client)
        assert time.seconds - began < 10 + 1
        assert 1 < len(server.requests) < 20
    assert "page 1 (" in str(error)
    assert "10 s" in str(error)
    cause = {"503": "answered 503", "connection reset": "the connection failed", "bad JSON": "is not JSON"}[fault]
    assert cause in str(error)


@pytest.mark.parametrize("fault", ["503", "connection reset", "no answer", "truncated body"])
def test_urllib3_and_requests_repeat_nothing_themselves(fault: str) -> None:
    limits = Limits(max_attempts=1)
    with ScriptedServer(PASSING[fault]) as server, client_of(server, limits=limits) as client:
        failing(client)
        assert len(server.requests) == 1
    session = open_session("https://feed.test", TOKEN, client._time_left, client._connections)
    for url in ("https://feed.test", "http://feed.test"):
        adapter = session.get_adapter(url)
        assert isinstance(adapter, requests.adapters.HTTPAdapter)
        retries = adapter.max_retries
        assert (retries.total, retries.read, retries.redirect) == (0, False, False)
        assert not retries.respect_retry_after_header


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_400_401_403_404_410_are_not_retried_and_an_echoed_token_is_scrubbed(status: int) -> None:
    def answer(request: Request) -> Response:
        return Response(echo(request), status, {"X-Echo": TOKEN, "Retry-After": "1"})

    time = FakeTime()
    with ScriptedServer(answer) as server, client_of(server, time=time) as client:
        error = failing(client)
        assert len(server.requests) == 1
    assert isinstance(error, PermanentFeedError)
    assert f"page 1 (1 attempt): answered {status}" in str(error)
    assert time.slept == []
    assert ("check the variable PLANION_TOKEN_AAA" in str(error)) == (status == 401)


ECHOES: dict[str, Answer] = {
    "in a key": lambda request: Response(b'{"' + b"x" * 30 + echo(request) + b'": 1}'),
    "in a count": lambda request: Response(b'{"_items": [], "_meta": {"total": "' + b"x" * 30 + echo(request) + b'"}}'),
    "in a row's account": lambda request: Response(
        b'{"_items": [{"account": "' + b"x" * 50 + echo(request) + b'", "conference": "AM2026"}]}'
    ),
    "in the type": lambda request: Response(GOOD.body, 200, {"Content-Type": "text/" + "x" * 50 + TOKEN}),
    "in a text": lambda request: Response(b"x" * 50 + echo(request), 200, {"Content-Type": "text/plain"}),
    "in a line that is no header": lambda request: raw(
        b"HTTP/1.1 200 OK\r\nno header " + echo(request) + b"\r\nX: " + echo(request) + b"\r\n\r\nnot JSON"
    ),
    "in a redirect": lambda request: Response(b"", 302, {"Location": f"http://{TOKEN}@127.0.0.1:1/{TOKEN}"}),
    "in Retry-After": lambda request: Response(b"", 429, {"Retry-After": TOKEN}),
}


@pytest.mark.parametrize("auth", ["basic", "header"])
@pytest.mark.parametrize("place", ECHOES)
def test_a_token_that_the_feed_echoes_is_scrubbed_wherever_it_stands(place: str, auth: str) -> None:
    with ScriptedServer(ECHOES[place]) as server, client_of(server, auth=auth) as client:
        error = failing(client)
    # Nor is the beginning of one that was cut.
    assert [secret for secret in SECRETS if secret[:8] in str(error)] == []


def test_every_fault_has_its_treatment_in_the_one_table() -> None:
    assert set(Fault) <= set(TREATMENTS)
    assert {400, 401, 403, 404, 410, 429, 500, 502, 503, 504} <= set(TREATMENTS)
    for treatment in TREATMENTS.values():
        assert len(treatment.remedy) > 10
