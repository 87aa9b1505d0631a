"""The HTTP session: the only module that opens connections.

It sends the token to the configured origin only, retries and follows nothing by itself, and ends every read in the
time that is left. What an answer means is in client.py.
"""

import contextlib
import functools
import http.client
import io
import logging
import os
import socket
import threading
import weakref
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from planion_assets.feed.errors import Fault, FeedError, failure
from planion_assets.feed.limits import TimeLeft
from planion_assets.feed.redaction import Redactor
from planion_assets.loopback import is_loopback
from planion_assets.version import __version__

logger = logging.getLogger(__name__)

USER_AGENT = f"planion-assets/{__version__}"
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)
"""What requests and urllib3 raise for a connection or a body; OSError for what neither wraps."""

_CAUSE_CHARACTERS = 200
# What requests says of a REQUESTS_CA_BUNDLE that names no file; it has no exception of its own for it.
_CA_BUNDLE_IS_GONE = "suitable TLS CA certificate bundle"


class Connections:
    """The sockets of a session, so that what waits for their answers can be ended from another thread.

    Not urllib3's connections: one that is not kept lets go of its socket while its answer is still read.
    """

    def __init__(self) -> None:
        self._open: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lock = threading.Lock()

    def add(self, sock: Any) -> None:
        """Note one that has been opened."""
        with self._lock:
            self._open.add(sock)

    def shut_down(self) -> None:
        """End every read and write that waits on one of them: it sees the end of the connection."""
        with self._lock:
            sockets = list(self._open)
        for sock in sockets:
            # On a copy of the descriptor: TLS is left as it is, which another thread may be reading through.
            with contextlib.suppress(OSError, ValueError), socket.socket(fileno=os.dup(sock.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)


def open_session(url: str, authorization: str, time_left: TimeLeft, connections: Connections) -> requests.Session:
    """A session that sends `authorization`, keeps reads within `time_left`, and adds its sockets to `connections`."""

    def authorized(request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Without an `auth`, requests would take one from ~/.netrc.
        request.headers["Authorization"] = authorization
        return request

    session = _Session()
    session.headers.update({"Accept": "application/json", "User-Agent": USER_AGENT})
    session.auth = authorized
    # A proxy of the environment is for the outside world; the loopback feed is not there.
    session.trust_env = not is_loopback(urlsplit(url).hostname)
    # Which requests takes from the environment only together with a proxy.
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(time_left, connections))
    return session


def connection_failure(error: Exception, redact: Redactor) -> FeedError:
    """The failure behind an exception of requests or urllib3 (`BROKEN`)."""
    cause = redact(_cause(error), _CAUSE_CHARACTERS)
    if isinstance(error, requests.exceptions.SSLError) or _CA_BUNDLE_IS_GONE in cause:
        return failure(Fault.CERTIFICATE, f"the connection is not trusted ({cause})")
    if isinstance(error, requests.exceptions.ProxyError):
        return failure(Fault.PROXY, f"the proxy refused ({cause})")
    if isinstance(error, urllib3.exceptions.DecodeError):
        return failure(Fault.BAD_ENCODING, f"the body could not be decoded ({cause})")
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return failure(Fault.CUT_SHORT, f"the body was cut short ({cause})")
    return failure(Fault.CONNECTION, f"the connection failed ({cause})")


def _cause(error: BaseException) -> str:
    """The innermost reason of a connection error: the outer ones repeat the URL and say less."""
    while True:
        inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        inner = inner or getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            return str(error) or type(error).__name__
        error = inner


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """No target: requests would read a redirect's whole body, of any size, even where it is not to be followed."""


class _Adapter(HTTPAdapter):
    """Connections whose reads are bounded, and on which urllib3 repeats nothing: only the client retries."""

    def __init__(self, time_left: TimeLeft, connections: Connections) -> None:
        self._pools = {
            "http": _bounded(urllib3.HTTPConnectionPool, time_left, connections),
            "https": _bounded(urllib3.HTTPSConnectionPool, time_left, connections),
        }
        super().__init__(
            max_retries=urllib3.Retry(total=0, read=False, redirect=False, respect_retry_after_header=False)
        )

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _bounded(pool: Any, time_left: TimeLeft, connections: Connections) -> Any:
    """The pool class whose connections note their sockets, and read answers within the time that is left."""

    def connect(self: Any) -> None:
        pool.ConnectionCls.connect(self)
        connections.add(self.sock)

    response_class = functools.partial(_Response, time_left=time_left)
    connection = type("Connection", (pool.ConnectionCls,), {"response_class": response_class, "connect": connect})
    return type("Pool", (pool,), {"ConnectionCls": connection})


class _Response(http.client.HTTPResponse):
    """An answer whose status, headers and body are read with the time that is left, however slowly they come.

    A read timeout alone never trips on a server that sends a byte now and then.
    """

    def __init__(self, sock: socket.socket, *args: Any, time_left: TimeLeft, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: io.BufferedReader
        self.fp = io.BufferedReader(_BoundedReader(sock, self.fp.detach(), time_left))

    def begin(self) -> None:
        """Read status and headers, of the answer itself: interim ones (103 Early Hints, RFC 8297) are passed over.

        Headers that cannot be read are dropped: urllib3 would log them, token and all.
        """
        super().begin()
        # Another answer follows (RFC 9110, 15.2). 100 is http.client's own matter, and 101 ends HTTP.
        while 102 <= self.status <= 199:
            self.headers = None  # type: ignore[assignment]  # as before an answer is read, so that the next one is
            super().begin()
        if self.headers.defects or self.headers.get_payload():
            logger.warning("the answer has a header line that is none; it and what follows it are ignored")
            self.headers.defects.clear()
            self.headers.set_payload("")


class _BoundedReader(io.RawIOBase):
    """The bytes of a socket, each read of which waits no longer than the time that is left."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, time_left: TimeLeft) -> None:
        self._sock, self._raw, self._time_left = sock, raw, time_left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._time_left.for_one_read())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
