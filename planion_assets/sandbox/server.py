"""The sandbox as a server: where it listens, how it is started and stopped.

How requests are answered is in `wire.py`, what the content is in `content.py`. It listens on loopback only: the content
is made up, and so are the tokens that guard it.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address

from planion_assets.sandbox.content import Sandbox
from planion_assets.sandbox.wire import API_ROOT, Listener, Request


class SandboxServer:
    """A feed server with made-up conferences, on a loopback address.

    As a context manager it serves from a thread; `serve_forever` serves in the foreground instead. The port is bound
    from the start, so `url` is known before anything is served; port 0 takes a free one. `clock` gives the instant of
    each `POST /sandbox/advance`.

    Raises ValueError if `host` is no loopback address, OSError if the port is taken.
    """

    def __init__(
        self,
        sandbox: Sandbox | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.sandbox = Sandbox() if sandbox is None else sandbox
        self._listener = Listener(_loopback(host), port, self.sandbox, clock)
        self._thread: threading.Thread | None = None
        self._foreground = False

    @property
    def url(self) -> str:
        """The base URL of the feed, without a slash at its end: "http://127.0.0.1:PORT/feed/v1"."""
        return f"{self.origin}{API_ROOT}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: where `/sandbox/advance` and `/sandbox/health` are."""
        host, port = self._listener.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    @property
    def requests(self) -> list[Request]:
        """What was asked so far, in the order of the answers; at most the last `REMEMBERED_REQUESTS`."""
        return list(self._listener.requests.copy())

    def serve_forever(self) -> None:
        """Serve in the foreground until KeyboardInterrupt, or until `close` in another thread; then free the port."""
        self._foreground = True
        try:
            self._listener.serve_forever(poll_interval=0.05)
        finally:
            self._foreground = False
            self._listener.server_close()

    def close(self) -> None:
        """Stop serving, end open connections and free the port. Not for the thread that runs `serve_forever`."""
        # `shutdown` waits for a serving thread, so without one it would wait for ever.
        if self._foreground or self._thread is not None:
            self._listener.shutdown()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._listener.server_close()

    def __enter__(self) -> "SandboxServer":
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), name="sandbox", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _loopback(host: str) -> str:
    """The numeric address of a loopback host. Names are not resolved: what a name means is up to somebody else."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        allowed = ip_address(address).is_loopback
    except ValueError:
        allowed = False
    if not allowed:
        raise ValueError(f"the sandbox serves loopback addresses only, for example 127.0.0.1; got {host!r}")
    return address
