"""A proxy between a writer and an object store, which delays, refuses or drops requests.

Belongs here: faults of a store that is otherwise well. Which request meets which fault is the caller's choice, who is
asked before each. Clients sign the host's name, which is passed on as it came, and the conditions: without them a
request goes on unsigned.
"""

import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

_HOPS = ("connection", "keep-alive", "transfer-encoding", "content-length")
_CONDITIONS = ("if-match", "if-none-match")


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """A request by its number from 0, with the path of the object decoded; `is_delete` also for many at once."""

    number: int
    method: str
    path: str
    query: str
    conditions: tuple[str, ...]

    @property
    def is_delete(self) -> bool:
        """Whether it is to remove objects."""
        many = self.query.startswith("delete") or "comp=batch" in self.query
        return self.method == "DELETE" or (self.method == "POST" and many)

    def __str__(self) -> str:
        return " ".join((self.method, f"{self.path}?{self.query}".rstrip("?"), *self.conditions))


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer in place of the store's, with the code that S3 and Azure put into XML."""

    status: int
    code: str

    def body(self) -> bytes:
        """The answer's body."""
        return f'<?xml version="1.0"?><Error><Code>{self.code}</Code><Message>no</Message></Error>'.encode()


SLOW_DOWN = Refusal(503, "SlowDown")
EXPIRED = Refusal(400, "ExpiredToken")
DENIED = Refusal(403, "AccessDenied")
DROPPED_BEFORE, DROPPED_AFTER = "dropped before", "dropped after"
WITHOUT_CONDITIONS = "without conditions"
Fault = Refusal | str | None


def never(_: StoreRequest) -> Fault:
    """No request meets a fault."""
    return None


@dataclass
class ObjectProxy:
    """Passes requests on to `upstream`, each after `delay` seconds; `fault` says of each what is done to it.

    `after` is called when the store has answered, before the client is told. `requests` are all, in order.
    """

    upstream: str
    delay: float = 0.0
    fault: Callable[[StoreRequest], Fault] = never
    after: Callable[[StoreRequest], object] = never
    requests: list[StoreRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.endpoint = f"http://{self.host}{urlsplit(self.upstream).path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def noted(self, method: str, target: str, headers: Any) -> StoreRequest:
        """The request, which is counted."""
        path, _, query = target.partition("?")
        given = tuple(f"{name}: {headers[name]}" for name in _CONDITIONS if headers[name])
        with self._lock:
            request = StoreRequest(len(self.requests), method, unquote(path), query, given)
            self.requests.append(request)
        return request


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without both, headers and body go in two segments, and the second waits 40 ms for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    proxy: ObjectProxy
    store: http.client.HTTPConnection

    def setup(self) -> None:
        super().setup()
        self.store = http.client.HTTPConnection(str(urlsplit(self.proxy.upstream).netloc), timeout=60)

    def finish(self) -> None:
        self.store.close()
        super().finish()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = self.proxy.noted(self.command, self.path, self.headers)
        if self.proxy.delay:
            time.sleep(self.proxy.delay)
        fault = self.proxy.fault(request)
        if fault == DROPPED_BEFORE:
            self._drop()
        elif isinstance(fault, Refusal):
            self._answer(fault.status, [("Content-Type", "application/xml")], fault.body())
        else:
            status, headers, content = self._asked(body, conditions=fault != WITHOUT_CONDITIONS)
            self.proxy.after(request)
            if fault == DROPPED_AFTER:
                self._drop()
            else:
                self._answer(status, headers, content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on

    def _asked(self, body: bytes, *, conditions: bool) -> tuple[int, list[tuple[str, str]], bytes]:
        """What the store answers."""
        skipped = ("content-length", *(() if conditions else (*_CONDITIONS, "authorization")))
        self.store.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in skipped:
                self.store.putheader(name, value)
        if body or self.command in ("PUT", "POST"):
            self.store.putheader("Content-Length", str(len(body)))
        self.store.endheaders(body)
        answer = self.store.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        length = str(len(content))
        for name, value in headers:
            if self.command == "HEAD" and name.lower() == "content-length":
                length = value
            if name.lower() not in _HOPS:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _drop(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def handle(self) -> None:
        """Serve the connection until the client is gone, as one that was killed is at once."""
        try:
            super().handle()
        except (OSError, ValueError, http.client.HTTPException):
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def object_name(request: StoreRequest) -> str:
    """The path with its random parts as `*`, for messages and for counting requests by kind."""
    return re.sub(r"[0-9a-f]{16,}", "*", request.path)
