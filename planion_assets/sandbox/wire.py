"""The sandbox on the wire: routes, and how requests are read and answered over HTTP/1.1.

Sockets, headers and statuses belong here. What a page holds and who may ask is in `pages.py`; starting and stopping is
in `server.py`.
"""

import contextlib
import gzip
import re
import socket
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from planion_assets.sandbox.content import Sandbox
from planion_assets.sandbox.pages import UNKNOWN_ASKER, BadQuery, Query, account_of, page_of, parse_query
from planion_assets.sandbox.plans import METHODS_OF
from planion_assets.sandbox.spelling import json_text

API_ROOT = "/feed/v1"
_FILES = sorted(Path(__file__).resolve().parent.glob("*.py"))
CODE = sha256(b"".join(str(path).encode() + path.read_bytes() for path in _FILES)).hexdigest()[:16]
"""Whose sandbox this is: that of these very files as they are. Another checkout's has other conferences, and moves on
by itself; a server that runs since before a change of the files has other content."""
REMEMBERED_REQUESTS = 10_000
LONGEST_BODY = 64 * 1024
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)  # accepted, with a weight above 0


@dataclass(frozen=True, slots=True)
class Request:
    """One request that was answered. `where` and `page` are None where none were understood."""

    method: str
    path: str
    where: dict[str, str] | None
    page: int | None
    status: int


class Listener(ThreadingHTTPServer):
    """Listens, hands each connection to a thread, and remembers the last `requests`, oldest first."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, sandbox: Sandbox, clock: Callable[[], datetime]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sandbox = sandbox
        self.clock = clock
        self.requests: deque[Request] = deque(maxlen=REMEMBERED_REQUESTS)
        self._open: set[socket.socket] = set()
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Bind without looking its own name up in DNS, which may take seconds where there is none."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a connection, and keep it in mind for `server_close`."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Free the port and end what connections are open."""
        super().server_close()
        # A persistent connection would be answered for as long as its thread lives, although the port is free.
        for connection in self._open.copy():
            with contextlib.suppress(OSError):  # its own thread was first
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong in a connection."""
        # A client that goes away in the middle of an answer is no error of the server.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Failure(Exception):
    """An answer that is an error: its status and a sentence for the person who reads it."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Handler(BaseHTTPRequestHandler):
    """One connection, with one request after the other."""

    protocol_version = "HTTP/1.1"
    # Without it the answer to each second request on a persistent connection waits for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body are sent together
    # What `http.server` itself refuses (a method, a request line) is answered in the shape of every other error.
    error_content_type = "application/json; charset=utf-8"
    error_message_format = '{"_status": "ERR", "_error": {"code": %(code)d, "message": "%(explain)s"}}'
    server: Listener

    def do_GET(self) -> None:
        """Answer a GET."""
        sandbox = self.server.sandbox
        routes: dict[str, Callable[[str], Any]] = {
            f"{API_ROOT}/{method}": partial(self._collection, method) for method in METHODS_OF
        }
        routes["/sandbox/health"] = lambda query: {"sandbox": "planion", "version": sandbox.revision}
        routes["/sandbox/code"] = lambda query: {"code": CODE, "seed": sandbox.seed}
        self._answer(routes)

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer({"/sandbox/advance": lambda query: self.server.sandbox.advance(self.server.clock())})

    def _answer(self, routes: dict[str, Callable[[str], Any]]) -> None:
        self._query: Query | None = None
        # A fragment never travels in a request, so a "#" is data, and only the first "?" divides.
        path, _, query = self.path.partition("?")
        status = HTTPStatus.OK
        try:
            self._drain()
            if path not in routes:
                text = f"no such path for {self.command}; the feed is at {API_ROOT}/sessions"
                raise _Failure(HTTPStatus.NOT_FOUND, text)
            content = routes[path](query)
        except _Failure as failure:
            status, content = failure.status, _error(failure.status, failure.message)
        asked = self._query
        where = {"account": asked.account, "conference": asked.conference} if asked else None
        # Remembered before it is sent, so that a client that has the answer finds the request.
        self.server.requests.append(Request(self.command, path, where, asked.page if asked else None, int(status)))
        self._send(status, content)

    def _drain(self) -> None:
        """Read the body away: what is left of it would be taken for the next request on the connection."""
        length = self.headers.get("Content-Length", "0")
        readable = length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= LONGEST_BODY
        if not readable or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            text = f"send no body, or one of up to {LONGEST_BODY} bytes with its length"
            raise _Failure(HTTPStatus.BAD_REQUEST, text)
        self.rfile.read(int(length))

    def _collection(self, method: str, query: str) -> dict[str, Any]:
        asked = self._admitted(query)
        if asked.account not in METHODS_OF[method]:
            raise _Failure(HTTPStatus.FORBIDDEN, f"the contract of this account does not include {method}")
        return page_of(self.server.sandbox.collection(method, asked.account, asked.conference), asked, method)

    def _admitted(self, query: str) -> Query:
        """What is asked for, by somebody who may ask for that account."""
        account = account_of(self.headers.get("Authorization", ""), self.server.sandbox.accounts)
        if account is None:
            raise _Failure(HTTPStatus.UNAUTHORIZED, UNKNOWN_ASKER)
        try:
            self._query = asked = parse_query(query)
        except BadQuery as error:
            raise _Failure(HTTPStatus.BAD_REQUEST, str(error)) from error
        if asked.account != account:
            raise _Failure(HTTPStatus.UNAUTHORIZED, "the token does not belong to the account named in where")
        return asked

    def _send(self, status: HTTPStatus, content: dict[str, Any]) -> None:
        body = json_text(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", self.error_content_type)
        self.send_header("Vary", "Accept-Encoding")
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="Planion sandbox"')
        if _GZIP.search(self.headers.get("Accept-Encoding", "")):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests are remembered, not printed."""


def _error(status: HTTPStatus, message: str) -> dict[str, Any]:
    """An error as the feed writes one (feed-facts.md, Access)."""
    return {"_status": "ERR", "_error": {"code": status.value, "message": message}}
