"""A proxy between a reader and a real feed server, which harms answers: `FAULTS` names the ways.

Belongs here: faults of a feed that is otherwise well, over real sockets. Which request meets which fault is the
caller's choice. Feeds that a test scripts answer by answer are in `planion_assets_tests/feed/server.py`.
"""

import http.client
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

_HTML = b"<html><h1>It is not you, it is us</h1></html>"
_DROP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is to be sent; `declared` overrides the length of the body."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    declared: int | None = None


def _emptied(answer: Answer) -> Answer:
    """The page without its items; the counts stay."""
    content = json.loads(answer.body)
    return Answer(answer.status, json.dumps(content | {"_items": []}).encode())


# From the right answer to a wrong one. The kinds beside them are in `_Handler`.
ALTERED: dict[str, Callable[[Answer], Answer]] = {
    "status 500": lambda _: Answer(500, _HTML, "text/html"),
    "status 502": lambda _: Answer(502, _HTML, "text/html"),
    "status 503": lambda _: Answer(503, _HTML, "text/html", (("Retry-After", "1"),)),
    "status 504": lambda _: Answer(504, b"", "text/html"),
    "status 429": lambda _: Answer(429, b"{}", headers=(("Retry-After", "0"),)),
    "html with 200": lambda _: Answer(200, _HTML, "text/html"),
    "html called json": lambda _: Answer(200, _HTML),
    "garbage": lambda answer: Answer(200, answer.body[: len(answer.body) // 3] + b"\xff\0{"),
    "bad gzip": lambda answer: Answer(200, answer.body, headers=(("Content-Encoding", "gzip"),)),
    "truncated": lambda answer: Answer(200, answer.body[: len(answer.body) // 2], declared=len(answer.body)),
    "empty page": _emptied,
}
FAULTS = (*ALTERED, "reset", "trickle", "other where", "changed before")


class FaultProxy:
    """Serves what `upstream` answers, harmed as `choose` says: a name of `FAULTS`, or None.

    `change` is called for "changed before", so that the content moves while it is read. `injected` counts the faults.
    """

    def __init__(self, upstream: str, choose: Callable[[], str | None], change: Callable[[], None]) -> None:
        self.upstream = urlsplit(upstream)
        self.choose = choose
        self.change = change
        self.injected: Counter[str] = Counter()
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self.upstream.path}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forward(self, path: str, authorization: str) -> Answer:
        """What the feed itself answers."""
        connection = http.client.HTTPConnection(str(self.upstream.netloc), timeout=60)
        try:
            connection.request("GET", path, headers={"Authorization": authorization})
            response = connection.getresponse()
            return Answer(response.status, response.read(), response.headers.get_content_type())
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without both, headers and body go in two segments, and the second waits 40 ms for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    proxy: FaultProxy

    def do_GET(self) -> None:
        fault = self.proxy.choose()
        if fault:
            self.proxy.injected[fault] += 1
        if fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if fault == "changed before":
            self.proxy.change()
        path = _elsewhere(self.path) if fault == "other where" else self.path
        answer = self.proxy.forward(path, self.headers.get("Authorization", ""))
        self._send(ALTERED[fault](answer) if fault in ALTERED else answer, slowly=fault == "trickle")

    def _send(self, answer: Answer, *, slowly: bool) -> None:
        length = len(answer.body) if answer.declared is None else answer.declared
        self.send_response(answer.status)
        for name, value in (("Content-Type", answer.kind), ("Content-Length", str(length)), *answer.headers):
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = self.close_connection or slowly or answer.declared is not None
        try:
            for position in range(0, len(answer.body) if slowly else 0, 1):
                self.wfile.write(answer.body[position : position + 1])
                self.wfile.flush()
                time.sleep(_DROP_SECONDS)
            if not slowly:
                self.wfile.write(answer.body)
                self.wfile.flush()
        except OSError:
            self.close_connection = True  # the reader has given up, as it should

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _elsewhere(path: str) -> str:
    """The request for another conference of the same account."""
    split = urlsplit(path)
    query = {name: values[0] for name, values in parse_qs(split.query).items()}
    where = json.loads(query["where"]) | {"conference": "AM2026"}
    return f"{split.path}?{urlencode(query | {'where': json.dumps(where)})}"
