"""The client: requests one page of the feed, and again after a fault that may pass.

What makes a series of pages whole is in page_series.py.
"""

import contextlib
import json
import logging
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from planion_assets.daemon_threads import DaemonThreadPool
from planion_assets.feed.answer import check_type, read_body, status_failure
from planion_assets.feed.endpoints import SESSIONS, Endpoint
from planion_assets.feed.errors import Fault, FeedError, failure
from planion_assets.feed.item import Item
from planion_assets.feed.limits import Clock, Limits, TimeLeft
from planion_assets.feed.page import Page, parse_page
from planion_assets.feed.redaction import Redactor, basic_credentials
from planion_assets.feed.transport import BROKEN, USER_AGENT, Connections, connection_failure, open_session
from planion_assets.guide import without_see
from planion_assets.keys import ConferenceKey

__all__ = ["USER_AGENT", "Clock", "FeedClient", "Limits", "Usage"]

logger = logging.getLogger(__name__)

_Read = TypeVar("_Read")
_LONGEST_WAIT = 30.0  # seconds until the next try, where the server does not ask for more
_PREFETCHED_FOR = 5.0  # seconds after which a prefetched page is requested again: the feed may have changed
# Python runs one thread at a time: pages parsed at once would all be late, and so would the next requests.
_PARSING = threading.Lock()


@dataclass(slots=True)
class Usage:
    """Counts of a reading so far: HTTP requests sent, and how many of them repeated a failed one."""

    requests: int = 0
    retries: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def add(self, *, requests: int = 0, retries: int = 0) -> None:
        """Count; from any thread."""
        with self._lock:
            self.requests += requests
            self.retries += retries


class FeedClient:
    """Reads pages of one account over keep-alive connections. Close it, or use it as a context manager.

    `url` is the API root without a trailing slash; `auth` is how the token is sent (feed-facts.md, Access);
    `token_source` is what an error calls the place the token came from. `redact` takes the token out of a text. At most
    as many requests are under way as `request_limits`, entered in their order, or else `limits.max_at_once` allow.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        auth: Literal["basic", "header"] = "basic",
        token_source: str = "the token's environment variable",  # noqa: S107 - a name, not a token
        limits: Limits | None = None,
        clock: Clock | None = None,
        request_limits: Sequence[AbstractContextManager[Any]] = (),
    ) -> None:
        self.url, self._token_source = url, token_source
        self.limits, self.clock = limits or Limits(), clock or Clock()
        self.usage, self.redact = Usage(), Redactor(token)
        self._request_limits = request_limits or (threading.Semaphore(self.limits.max_at_once),)
        self._abandoned = threading.Event()
        self._time_left = TimeLeft(self.clock, self.limits.read_timeout, self._abandoned)
        self._connections = Connections()
        authorization = f"Basic {basic_credentials(token)}" if auth == "basic" else token
        self._session = open_session(url, authorization, self._time_left, self._connections)
        self._prefetched: dict[str, tuple[float, Future[bytes]]] = {}

    def __enter__(self) -> "FeedClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def abandon(self) -> None:
        """End every reading in other threads with an error, also one that waits for an answer."""
        # In this order: a request that begins before the flag is set has a connection that is then shut down.
        self._abandoned.set()
        self._connections.shut_down()

    def prefetch_first_page(self, key: ConferenceKey) -> None:
        """Request the first page of a conference's sessions in another thread, for the `get` that follows in seconds.

        For a process that has something to load before it reads.
        """
        url, now = self.page_url(key, 1), self.clock.monotonic()
        pool = DaemonThreadPool(1, "first page")
        self._prefetched[url] = now, pool.submit(self._exchange, url, now + self.limits.walk_timeout, Usage())

    def get(
        self,
        key: ConferenceKey,
        number: int,
        read: Callable[[bytes], _Read],
        *,
        deadline: float,
        endpoint: Endpoint = SESSIONS,
        size: int | None = None,
        usage: Usage | None = None,
        body: bytes | None = None,
    ) -> _Read:
        """What `read` returns for the body of page `number` (from 1) of a collection. Raises a `FeedError`.

        A fault that may pass is retried until `deadline` (on the clock's monotonic scale), which ends the wait for an
        answer too; a `FeedError` of `read` counts as a fault of the answer. `size` asks for pages of so many items,
        which the feed may ignore. A `body` that was fetched before is read first. Requests are counted in `usage`, or
        else in the client's own. May be called from several threads at once.
        """
        usage = usage or self.usage
        url = self.page_url(key, number, endpoint, size)
        reasons: list[str] = []
        while True:
            try:
                received, body = self._body(url, deadline, usage) if body is None else body, None
                return read(received)
            except FeedError as error:
                failed = error
            tried = len(reasons) + 1
            seconds = failed.retry_after
            if seconds is None:  # exponential, with jitter
                seconds = random.uniform(0, min(_LONGEST_WAIT, 0.5 * 2 ** (tried - 1)))  # noqa: S311 - no secret
            late = self.clock.monotonic() + seconds > deadline
            if not failed.retried or tried >= self.limits.max_attempts or late:
                break
            usage.add(retries=1)
            reasons.append(self.redact(without_see(str(failed))))
            page = self.redact(f"{key}: page {number} of {endpoint.name}")
            line = _retry_line(page, reasons[-1])
            logger.warning("%s (attempt %d of %d), again in %.1f s", line, tried, self.limits.max_attempts, seconds)
            self.clock.wait(self._abandoned, seconds)
        # Outside the except block: what the error was raised from may hold the request, and with it the token.
        raise self._with_request(failed, f"GET {urlsplit(url).path} of {key}, page {number}", reasons)

    def parse(self, body: bytes, number: int) -> Page[Item]:
        """The page of that number from its body. Raises a `FeedError`, which quotes the feed without a token."""
        with _PARSING:
            return parse_page(body, number, self.redact)

    def page_url(self, key: ConferenceKey, number: int, endpoint: Endpoint = SESSIONS, size: int | None = None) -> str:
        """The URL of a page, built from parameters alone (feed-facts.md, Pages)."""
        where = json.dumps(
            {"account": key.account, "conference": key.conference}, separators=(",", ":"), ensure_ascii=False
        )
        parameters = {"where": where}
        if number > 1:
            parameters["page"] = str(number)
        if size is not None:
            parameters["max_results"] = str(size)  # Eve's name for it; what came is said in `_meta`
        return f"{self.url}/{endpoint.name}?{urlencode(parameters, quote_via=quote, safe='')}"

    def _body(self, url: str, deadline: float, usage: Usage) -> bytes:
        requested_at, prefetched = self._prefetched.pop(url, (0.0, None))
        if prefetched is None or self.clock.monotonic() > requested_at + _PREFETCHED_FOR:
            return self._exchange(url, deadline, usage)
        usage.add(requests=1)
        return prefetched.result()

    def _exchange(self, url: str, deadline: float, usage: Usage) -> bytes:
        """Send one request, and read its answer's body within the request limit."""
        self._time_left.ends_at = deadline
        try:
            with contextlib.ExitStack() as entered:
                for limit in self._request_limits:
                    entered.enter_context(limit)
                remaining = self._time_left.seconds()
                if remaining <= 0:
                    raise self._too_late("before the next request")
                timeout = (min(self.limits.connect_timeout, remaining), min(self.limits.read_timeout, remaining))
                usage.add(requests=1)
                with self._session.get(url, timeout=timeout, allow_redirects=False, stream=True) as response:
                    if response.status_code != 200:
                        raise status_failure(response, self.limits, self.clock.wall(), self._token_source)
                    body = read_body(response, self.limits.max_page_bytes)
                    if self._abandoned.is_set():  # a body that no length ends may have been cut
                        raise self._too_late("before the answer had come in full")
                    check_type(response, body, self.redact)
                    return body
        except BROKEN as error:
            if self._time_left.seconds() <= 0:
                raise self._too_late("before the answer had come in full") from error
            raise connection_failure(error, self.redact) from error

    def _too_late(self, what: str) -> FeedError:
        if self._abandoned.is_set():
            return failure(Fault.DEADLINE, f"the refresh was stopped {what}")
        return failure(Fault.DEADLINE, f"the walk's time of {self.limits.walk_timeout:g} s ran out {what}")

    def _with_request(self, error: FeedError, request: str, reasons: list[str]) -> FeedError:
        """The error with the request, the number of attempts, and the reason before it where the time ran out."""
        count = len(reasons) + 1
        tried = f"{count} attempt{'s' if count > 1 else ''}"
        if error.retried and count < self.limits.max_attempts:
            tried += f", no time for more within the walk's {self.limits.walk_timeout:g} s"
        before = "" if error.retried or not reasons else f"; the attempt before: {reasons[-1]}"
        result = type(error)(self.redact(f"{request} ({tried}): {error.message}{before}"))
        result.heading, result.retry_after = error.heading, error.retry_after
        return result


def _retry_line(page: str, reason: str) -> str:
    """What is logged of a page that is requested again: whose page it is, and what came."""
    fault = " ".join(reason.partition("; ")[0].split())  # one line, without the remedy, which the final error has
    return f"{page} {fault}" if fault.startswith("answered ") else f"{page}: {fault}"
