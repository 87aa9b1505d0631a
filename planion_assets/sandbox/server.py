"""The sandbox as a server: its connections, how it is started and stopped. How requests are answered is in `wire.py`.

It listens on loopback only: the content is made up, and so are the tokens that guard it.
"""

import contextlib
import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self

from planion_assets.sandbox.content import Sandbox
from planion_assets.sandbox.wire import API_ROOT, Handler

HOST = "127.0.0.1"


class SandboxServer(ThreadingHTTPServer):
    """A feed server with made-up conferences, on 127.0.0.1.

    As a context manager it serves from a thread; `serve_forever` serves in the foreground instead. The port is bound
    from the start, so `url` is known before anything is served; port 0 takes a free one. `clock` gives the instant of
    each `POST /sandbox/advance`. Raises OSError if the port is taken.
    """

    handler: type[Handler] = Handler
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        sandbox: Sandbox | None = None,
        port: int = 0,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.sandbox = Sandbox() if sandbox is None else sandbox
        self.clock = clock
        self._connections: set[socket.socket] = set()
        self._thread: threading.Thread | None = None
        self._serving = False
        super().__init__((HOST, port), self.handler)

    @property
    def url(self) -> str:
        """The base URL of the feed, without a slash at its end: "http://127.0.0.1:PORT/feed/v1"."""
        return f"{self.origin}{API_ROOT}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: where `/sandbox/advance` and `/sandbox/health` are."""
        return f"http://{HOST}:{self.server_port}"

    def serve_forever(self, poll_interval: float = 0.05) -> None:
        """Serve in the foreground until KeyboardInterrupt, or until `close` in another thread; then free the port."""
        self._serving = True
        try:
            super().serve_forever(poll_interval)
        finally:
            self._serving = False
            self.server_close()

    def close(self) -> None:
        """Stop serving, end open connections and free the port. Not for the thread that runs `serve_forever`."""
        if self._serving:  # else `shutdown` would wait for ever
            self.shutdown()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.server_close()

    def __enter__(self) -> Self:
        self._serving = True
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), name="sandbox", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def server_bind(self) -> None:
        """Bind without looking its own name up in DNS, which may take seconds where there is none."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a connection, and keep it in mind for `server_close`."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Free the port and end what connections are open."""
        super().server_close()
        # A persistent connection would be answered for as long as its thread lives, although the port is free.
        for connection in self._connections.copy():
            with contextlib.suppress(OSError):  # its own thread was first
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong in a connection."""
        # A client that goes away in the middle of an answer is no error of the server.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
