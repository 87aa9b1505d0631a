"""A reading that is abandoned from another thread ends at once, whatever it waits for."""

import contextlib
import threading
import time
from collections.abc import Callable

import pytest

from planion_assets.feed.client import Clock, FeedClient, Limits
from planion_assets.feed.errors import FeedError
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.faults import JSON_HEAD, raw, silent, trickle
from planion_assets_tests.feed.server import KEY, TOKEN, Request, Response, ScriptedServer, Wire, items, page_of

PATIENT = Limits(connect_timeout=300, read_timeout=3600, walk_timeout=3600, max_retry_after=3600, max_at_once=4)
HANGS = 180.0  # seconds; what it waits for would take an hour
ROWS = items(950)

ANSWERS: dict[str, Wire | Response] = {
    "nothing": silent,
    "half a status line": raw(b"HTTP/1.1 2", silent),
    "headers without an end": raw(b"HTTP/1.1 200 OK\r\nX-A: ", silent),
    "half of a body": raw(JSON_HEAD + b'Content-Length: 100\r\n\r\n{"_items": [', silent),
    "a body without a length": raw(JSON_HEAD + b'Connection: close\r\n\r\n{"_items": []}', silent),
    "half of a chunk": raw(JSON_HEAD + b'Transfer-Encoding: chunked\r\n\r\n40\r\n{"_items"', silent),
    "a byte now and then": trickle(JSON_HEAD + b"Content-Length: 99999999\r\n\r\n", b" "),
    "an answer that asks to wait": Response(b"", 503, {"Retry-After": "1800"}),
}


def _abandoned(server: ScriptedServer, *request_limits: threading.Semaphore, asked: int) -> FeedError:
    """The error of a walk that is abandoned once so many requests have been made."""
    found: list[FeedError] = []

    def read() -> None:
        with pytest.raises(FeedError) as raised:
            walk(client, KEY)
        found.append(raised.value)

    at_once = request_limits or (contextlib.nullcontext(),)
    with FeedClient(server.url, TOKEN, limits=PATIENT, clock=Clock(), request_limits=at_once) as client:
        reading = threading.Thread(target=read, daemon=True)
        reading.start()
        _until(lambda: len(server.requests) >= asked)
        time.sleep(0.05)  # for what is read of the answer
        started = time.monotonic()
        client.abandon()
        reading.join(HANGS)
        assert not reading.is_alive(), f"still reading {time.monotonic() - started:.1f} s later"
        with pytest.raises(FeedError, match="the refresh was stopped before the next request"):
            walk(client, KEY)
    return found[0]


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 180
    while not true() and time.monotonic() < until:
        time.sleep(0.002)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_reading_ends_at_once_whatever_the_first_answer_is(answer: str) -> None:
    with ScriptedServer(lambda request: ANSWERS[answer]) as server:
        error = _abandoned(server, asked=1)
    assert TOKEN not in str(error)


def test_a_reading_ends_at_once_with_several_pages_under_way_and_others_waiting_for_the_gate() -> None:
    def answer(request: Request) -> Response | Wire:
        return page_of(ROWS, request.page) if request.page == 1 else silent

    with ScriptedServer(answer) as server:
        error = _abandoned(server, threading.Semaphore(4), threading.Semaphore(2), asked=3)
        assert len(server.requests) == 3, "those behind the gate are not asked for"
    assert "the refresh was stopped" in str(error)
