"""Feeds whose answers a test scripts, on loopback or in this process, and the helpers that make well-formed answers."""

import io
import json
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest

from planion_assets.feed.client import Clock, FeedClient, Limits
from planion_assets.feed.item import Item, item_of
from planion_assets.feed.page import Page, parse_page
from planion_assets.keys import ConferenceKey

KEY = ConferenceKey("AAA", "AM2026")
TOKEN = "secret-token-of-the-test"
FAST = Limits(connect_timeout=60, read_timeout=60, walk_timeout=60, max_pages=50)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: number (from 0), path, decoded `where`, page, headers, `max_results` as `size`."""

    number: int
    path: str
    where: dict[str, Any]
    page: int
    headers: dict[str, str]
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered. `declared` overrides Content-Length, for a body that is cut short."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None


Wire = Callable[[socket.socket, threading.Event], None]
"""An answer in bytes: writes to the connection, which ends with it. The event is set when the server stops."""

Answer = Callable[[Request], Response | Wire]


class ScriptedServer:
    """Serves what `answer` returns, remembers every request in `requests`, and counts `connections`.

    An answer is a `Response`, or a fault on the wire (`planion_assets_tests.feed.faults`).
    """

    def __init__(self, answer: Answer) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        lock = threading.Lock()
        remember = self.requests
        stopped = self._stopped = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Without both, headers and body go in two segments, and the second waits 40 ms for an ACK.
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_CONNECT(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                with lock:
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    request = _request(len(remember), self.path, headers)
                    remember.append(request)
                response = answer(request)
                if not isinstance(response, Response):
                    self.close_connection = True
                    response(self.connection, stopped)
                    return
                self.send_response(response.status)
                for name, value in {"Content-Type": "application/json", **response.headers}.items():
                    self.send_header(name, value)
                length = len(response.body) if response.declared is None else response.declared
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(response.body)
                if response.declared is not None:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        owner = self

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self) -> tuple[socket.socket, Any]:
                owner.connections += 1
                return super().get_request()

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that hangs up is what many tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self.origin}/feed/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()


class LocalFeed:
    """Answers as a `ScriptedServer` does, without a connection: for what is not about the wire. Has its `requests`."""

    url = "http://127.0.0.1/feed/v1"

    def __init__(self, answer: Answer) -> None:
        self.requests: list[Request] = []
        self._answer = answer
        self._lock = threading.Lock()

    def __enter__(self) -> "LocalFeed":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def get(self, url: str, **_: Any) -> "_LocalResponse":
        """The answer to a request, in place of a session's."""
        with self._lock:
            request = _request(len(self.requests), url, {})
            self.requests.append(request)
        answered = self._answer(request)
        assert isinstance(answered, Response)
        return _LocalResponse(answered)

    def close(self) -> None:
        """Nothing is open."""


class _LocalResponse:
    """What the client reads of a response."""

    def __init__(self, answered: Response) -> None:
        self.status_code = answered.status
        self.headers = {"Content-Type": "application/json", "Content-Length": str(len(answered.body))}
        self.headers |= answered.headers
        self.raw = self
        self._body = io.BytesIO(answered.body)

    def __enter__(self) -> "_LocalResponse":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def read(self, size: int, **_: Any) -> bytes:
        """The next bytes of the body."""
        return self._body.read(size)

    read1 = read


def _request(number: int, target: str, headers: dict[str, str]) -> Request:
    split = urlsplit(target)
    query = parse_qs(split.query, keep_blank_values=True)
    return Request(
        number=number,
        path=split.path,
        where=json.loads(query.get("where", ["{}"])[0]),
        page=int(query.get("page", ["1"])[0]),
        headers=headers,
        size=int(query["max_results"][0]) if "max_results" in query else None,
    )


class FakeTime:
    """Time that passes only when someone sleeps, or by `step` seconds at each look at the clock."""

    def __init__(self, step: float = 0.0) -> None:
        self.seconds = 1_000_000.0
        self.step = step
        self.slept: list[float] = []

    def look(self) -> float:
        """The current time, in seconds."""
        self.seconds += self.step
        return self.seconds

    def wait(self, _: threading.Event, seconds: float) -> None:
        """Let the time pass, at once."""
        self.slept.append(seconds)
        self.seconds += seconds

    def clock(self) -> Clock:
        """The clock to inject."""
        return Clock(monotonic=self.look, wall=self.look, wait=self.wait)


def client_of(
    server: ScriptedServer | LocalFeed,
    *,
    limits: Limits = FAST,
    time: FakeTime | None = None,
    clock: Clock | None = None,
    auth: Any = "basic",
    url: str | None = None,
) -> FeedClient:
    """A client of the scripted server that never really sleeps, unless it is given another clock."""
    clock = clock or (time or FakeTime()).clock()
    client = FeedClient(
        url or server.url,
        TOKEN,
        auth=auth,
        token_source="the variable PLANION_TOKEN_AAA",
        limits=limits,
        clock=clock,
    )
    if isinstance(server, LocalFeed):
        client._session = server  # type: ignore[assignment]  # all that is used of a session
    return client


def page_from(client: FeedClient, key: ConferenceKey, number: int, *, deadline: float) -> Page[Item]:
    """Page `number` of a conference's sessions, asked for and parsed."""
    return client.get(key, number, partial(client.parse, number=number), deadline=deadline)


def pages_parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the pages that clients parse from here on."""
    found: list[int] = []

    def noted(body: bytes, number: int, *arguments: Any) -> Any:
        found.append(number)
        return parse_page(body, number, *arguments)

    monkeypatch.setattr("planion_assets.feed.client.parse_page", noted)
    return found


def item(schedid: object, /, **more: Any) -> dict[str, Any]:
    """A session of `KEY` with that schedid."""
    return {
        "account": KEY.account,
        "conference": KEY.conference,
        "schedid": schedid,
        "sessionName": f"Session {schedid}",
        **more,
    }


def content_digest(content: Any) -> str:
    """The digest of an item with that content."""
    return item_of(json.dumps(content)).digest


def items(count: int, start: int = 0) -> list[dict[str, Any]]:
    """That many sessions with running numbers."""
    return [item(str(start + n)) for n in range(count)]


def body(content: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(content).encode(), status)


def page_of(rows: Sequence[Any], number: int, *, size: int = 100, **meta: Any) -> Response:
    """The page `number` of the rows as Eve writes it: `_items`, `_meta` and relative `_links`."""
    links: dict[str, Any] = {"self": {"href": f"sessions?page={number}"}}
    if number * size < len(rows):
        links["next"] = {"href": f"sessions?page={number + 1}"}
    stated = {"page": number, "max_results": size, "total": len(rows), **meta}
    return body({"_items": rows[(number - 1) * size : number * size], "_meta": stated, "_links": links})
