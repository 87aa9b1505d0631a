"""A feed that is slow on purpose: the walk ends at its deadline although no read timeout trips.

The clock is the real one here, the deadlines are a fraction of a second.
"""

import time
from pathlib import Path

import pytest

from planion_assets.feed.errors import DeadlineError, TransientFeedError
from planion_assets.feed.limits import Clock, Limits
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.faults import JSON_HEAD, PASSING, nothing_leaks, silent, trickle
from planion_assets_tests.feed.server import (
    KEY,
    TOKEN,
    Request,
    Response,
    ScriptedServer,
    Wire,
    client_of,
)

SECONDS = 0.3
READ_TIMEOUT = 600.0
HANGS = READ_TIMEOUT / 2
"""Seconds long before anything else would end a read."""
CLOCK = Clock()
LIMITS = Limits(connect_timeout=60, read_timeout=READ_TIMEOUT, walk_timeout=SECONDS, max_attempts=20)
SLOW: dict[str, Wire] = {
    "one byte of the body every moment": trickle(JSON_HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "one chunk of the body every moment": trickle(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "chunk extensions without end": trickle(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "gzip that inflates to nothing": trickle(
        JSON_HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\3", b"\0\0\0\xff\xff"
    ),
    "one byte of the status line every moment": trickle(b"", b"H"),
    "one byte of a header every moment": trickle(JSON_HEAD + b"X: ", b"x"),
    "one header every moment": trickle(JSON_HEAD, b"X: y\r\n"),
    "100 Continue without end": trickle(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("slow", SLOW)
def test_one_byte_every_few_seconds_ends_at_the_deadline_of_the_walk(slow: str) -> None:
    with ScriptedServer(lambda _: SLOW[slow]) as server, client_of(server, limits=LIMITS, clock=CLOCK) as client:
        began = time.monotonic()
        with nothing_leaks(client) as errors:
            with pytest.raises(DeadlineError) as caught:
                walk(client, KEY)
            errors.append(caught.value)
        took = time.monotonic() - began
        assert len(server.requests) <= 1
    assert SECONDS <= took < HANGS
    assert "page 1 (1 attempt): the walk's time of 0.3 s ran out before the answer had come in full" in str(
        caught.value
    )


def test_no_answer_at_all_ends_at_the_deadline_of_the_walk() -> None:
    limits = Limits(read_timeout=READ_TIMEOUT, walk_timeout=SECONDS)
    with ScriptedServer(lambda _: silent) as server, client_of(server, limits=limits, clock=CLOCK) as client:
        began = time.monotonic()
        with pytest.raises(DeadlineError, match=r"page 1 \(1 attempt\): the walk's time of 0\.3 s ran out before the"):
            walk(client, KEY)
    assert SECONDS <= time.monotonic() - began < HANGS


def test_the_deadline_names_the_cause_of_the_attempt_before() -> None:
    def answer(request: Request) -> Response | Wire:
        return Response(TOKEN.encode(), 503) if request.number == 0 else silent

    time_left = 1.0  # when the second attempt is about to begin
    waited_at: list[float] = []
    limits = Limits(read_timeout=READ_TIMEOUT, walk_timeout=READ_TIMEOUT)

    def now() -> float:
        """The time of the first attempt is none, and of the second it is real."""
        return time.monotonic() - waited_at[0] + READ_TIMEOUT - time_left if waited_at else 0.0

    clock = Clock(monotonic=now, wait=lambda *_: waited_at.append(time.monotonic()))
    with ScriptedServer(answer) as server, client_of(server, limits=limits, clock=clock) as client:
        with pytest.raises(DeadlineError, match=r"\(2 attempts\).*ran out.*; the attempt before: answered 503"):
            walk(client, KEY)


def test_a_proxy_that_answers_slowly_ends_at_the_deadline_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CONNECT is answered before the client knows of any response."""
    slow = trickle(b"HTTP/1.1 200 OK\r\nX: ", b"x")
    with ScriptedServer(lambda _: slow) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        with client_of(proxy, limits=LIMITS, clock=CLOCK, url="https://feed.test/feed/v1") as client:
            began = time.monotonic()
            with pytest.raises(DeadlineError):
                walk(client, KEY)
    assert SECONDS <= time.monotonic() - began < HANGS
    assert all("authorization" not in request.headers for request in proxy.requests)


@pytest.mark.parametrize("fault", ["503", "connection reset", "truncated body"])
def test_a_fault_for_ever_ends_at_the_deadline_of_the_real_clock(fault: str) -> None:
    limits = Limits(walk_timeout=SECONDS, max_attempts=20)
    with ScriptedServer(PASSING[fault]) as server, client_of(server, limits=limits, clock=CLOCK) as client:
        began = time.monotonic()
        with pytest.raises(TransientFeedError, match=r"0\.3 s"):
            walk(client, KEY)
    assert time.monotonic() - began < HANGS
