"""The faults of a feed on the wire, for a `ScriptedServer` to answer with, and the watch over what they may show.

Real sockets: bytes that come slowly, connections that are reset or cut short, bodies without end. Belongs here: what
no `Response` can express. Faults that are an answer like any other are in `ANSWERS`.
"""

import base64
import contextlib
import logging
import socket
import struct
import threading
import traceback
import zlib
from collections.abc import Iterator

from planion_assets.feed.client import FeedClient
from planion_assets_tests.feed.server import TOKEN, Answer, Request, Response, Wire, items, page_of

GOOD = page_of(items(3), 1)
SLOWLY = 0.02
SECRETS = (
    TOKEN,
    base64.b64encode(TOKEN.encode()).decode().rstrip("="),
    base64.b64encode(f"{TOKEN}:".encode()).decode(),
)
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MIB = 1 << 20


def reset(connection: socket.socket, _: threading.Event) -> None:
    """End the connection with RST, and no answer at all."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silent(_: socket.socket, stopped: threading.Event) -> None:
    """Say nothing until the server stops."""
    stopped.wait()


def hang_up(_: socket.socket, __: threading.Event) -> None:
    """End the connection without an answer."""


def raw(data: bytes, end: Wire = hang_up) -> Wire:
    """Send these bytes, then end the connection in that way."""

    def send(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(data)
        end(connection, stopped)

    return send


def trickle(head: bytes, drop: bytes) -> Wire:
    """Send `head` at once, then `drop` again and again, slowly and without end: no read ever has to wait for long."""

    def send(connection: socket.socket, stopped: threading.Event) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(head)
            while not stopped.wait(SLOWLY):
                connection.sendall(drop)

    return send


class Flood:
    """A huge body: `head` and `start` once, then `block` so many `times`, or as long as it is taken.

    `sent` counts the bytes that were.
    """

    def __init__(self, head: bytes, start: bytes, block: bytes, *, times: int) -> None:
        self._head, self._start, self._block, self._times = head, start, block, times
        self.sent = 0

    def __call__(self, connection: socket.socket, stopped: threading.Event) -> None:
        """Send until the other side has had enough."""
        with contextlib.suppress(OSError):
            connection.sendall(self._head + self._start)
            for _ in range(self._times):
                connection.sendall(self._block)
                self.sent += len(self._block)


def gzip_bomb(mib: int) -> Flood:
    """A gzip body that inflates to so many MiB of spaces, a thousandth of that on the wire."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    start = squeezer.compress(b" " * MIB) + squeezer.flush(zlib.Z_FULL_FLUSH)
    block = squeezer.compress(b" " * MIB) + squeezer.flush(zlib.Z_FULL_FLUSH)
    return Flood(JSON_HEAD + b"Content-Encoding: gzip\r\n\r\n", start, block, times=mib)


def echo(request: Request) -> bytes:
    """The token in every form that a server may hand it back in."""
    return " ".join([request.headers["authorization"], *SECRETS]).encode()


# Faults that are worth another try, by name: for each, the answer to a request.
PASSING: dict[str, Answer] = {
    "500": lambda request: Response(b"<html>" + echo(request), 500, {"Content-Type": "text/html"}),
    "502": lambda request: Response(echo(request), 502),
    "503": lambda request: Response(echo(request), 503),
    "504": lambda request: Response(echo(request), 504),
    "connection reset": lambda _: reset,
    "connection reset within the body": lambda _: raw(
        JSON_HEAD + b"Content-Length: 5000\r\n\r\n" + GOOD.body[:50], reset
    ),
    "no answer": lambda _: hang_up,
    "truncated headers": lambda request: raw(JSON_HEAD + b"X-Echo: " + echo(request)),
    "not HTTP": lambda request: raw(b"SSH-2.0-" + echo(request) + b"\r\n\r\n"),
    "truncated body": lambda _: Response(GOOD.body[:50], declared=len(GOOD.body)),
    "truncated chunked body": lambda _: raw(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\n{"),
    "truncated JSON": lambda _: Response(GOOD.body[:50]),
    "bad gzip": lambda request: Response(echo(request), 200, {"Content-Encoding": "gzip"}),
    "gzip that turns bad": lambda _: raw(
        JSON_HEAD + b"Content-Encoding: gzip\r\n\r\n" + zlib.compress(GOOD.body, wbits=31)[:60] + b"\0" * 600
    ),
    "bad JSON": lambda request: Response(b'{"_items": [{]}' + echo(request)),
    "empty body": lambda _: Response(b""),
    "not UTF-8": lambda _: Response(b'{"_items": ["\xff"]}'),
    "HTML with 200": lambda request: Response(b"<html>" + echo(request), 200, {"Content-Type": "text/html"}),
    "HTML that calls itself JSON": lambda request: Response(b"<html>" + echo(request)),
    "wrong content type": lambda request: Response(b"<a/>", 200, {"Content-Type": "application/xml" + "x" * 50}),
    "two lengths": lambda _: raw(JSON_HEAD + b"Content-Length: 5, 6\r\n\r\n{}"),
}


@contextlib.contextmanager
def nothing_leaks(client: FeedClient | None = None) -> Iterator[list[BaseException]]:
    """Watch that no form of the token is logged at any level, in a text of the client, or in the errors.

    Append the errors to the list that is yielded: their text, attributes, causes, contexts and tracebacks are searched.
    """
    lines: list[str] = []
    errors: list[BaseException] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter("%(name)s %(message)s %(args)s").format(record))

    root, ear = logging.getLogger(), Ear(logging.DEBUG)
    names = [*logging.Logger.manager.loggerDict, ""]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(ear)
    try:
        yield errors
    finally:
        root.removeHandler(ear)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    texts = [*lines, repr(client), str(client)]
    for error in errors:
        texts += ["".join(traceback.format_exception(error)), *_spooled(error)]
    assert any("urllib3" in line for line in lines) or client is None
    for secret in SECRETS:
        assert [text for text in texts if secret in text] == []


def _spooled(error: BaseException | None) -> Iterator[str]:
    """All that an error and what it came from hold; the requests of a library's errors with their headers."""
    while error is not None:
        yield from (repr(error), str(error), repr(vars(error)))
        request = getattr(error, "request", None)
        yield repr(vars(request)) if request is not None else ""
        error = error.__cause__ or error.__context__
