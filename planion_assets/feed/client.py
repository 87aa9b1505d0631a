"""HTTP: one page of the feed at a time, with authentication, time limits and retries.

The only module that opens connections. It does not know what makes a series of pages whole
(`planion_assets.feed.walk`).
"""

import base64
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import quote, urlencode, urlsplit

import requests
import tenacity
import urllib3

from planion_assets import __version__
from planion_assets.feed.endpoints import SESSIONS, Endpoint
from planion_assets.feed.errors import (
    ContractError,
    DeadlineError,
    FeedError,
    NotIncludedError,
    PermanentFeedError,
    TransientFeedError,
    treatment_of,
)
from planion_assets.feed.page import Page, parse_page
from planion_assets.keys import ConferenceKey

logger = logging.getLogger(__name__)

USER_AGENT = f"planion-assets/{__version__}"
_CHUNK_BYTES = 1 << 16
_LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of reading: seconds, tries of one page, pages and walks of one conference, bytes of one body."""

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    walk_timeout: float = 300.0
    max_attempts: int = 5
    max_pages: int = 1000
    max_page_bytes: int = 64 << 20
    max_walks: int = 4


@dataclass(frozen=True, slots=True)
class Clock:
    """The passing of time, so that tests need not wait: `monotonic` and `wall` in seconds, `sleep` waits."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


class _TokenAuth(requests.auth.AuthBase):
    """Sets the Authorization header itself: without an `auth`, requests would take one from ~/.netrc."""

    def __init__(self, header: str) -> None:
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


@dataclass(slots=True)
class Usage:
    """What reading has cost so far: HTTP requests sent, and how many of them repeated a failed one."""

    requests: int = 0
    retries: int = 0


@dataclass(slots=True)
class FeedClient:
    """Reads pages of one account over keep-alive connections. Close it, or use it as a context manager.

    `url` is the API root without a trailing slash; `auth` is how the token is sent (feed-facts.md, Access);
    `token_source` is what an error calls the place the token came from.
    """

    url: str
    token: str = field(repr=False)
    auth: Literal["basic", "header"] = "basic"
    token_source: str = "the token's environment variable"  # noqa: S105 - a name, not a token
    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=Clock)
    usage: Usage = field(default_factory=Usage, init=False)
    _session: requests.Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        session = requests.Session()
        session.headers.update({"Accept": "application/json", "User-Agent": USER_AGENT})
        session.auth = _TokenAuth(self._authorization())
        # A proxy of the environment is for the outside world; the loopback feed is not there.
        session.trust_env = urlsplit(self.url).hostname not in {"127.0.0.1", "::1", "localhost"}
        self._session = session

    def __enter__(self) -> "FeedClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get_page(self, key: ConferenceKey, number: int, *, deadline: float, endpoint: Endpoint = SESSIONS) -> Page:
        """Page `number` (from 1) of a collection of a conference, retried while that is worth it.

        `deadline` is on the clock's monotonic scale. Raises a `FeedError` of one of the three families.
        """
        attempts = tenacity.Retrying(
            sleep=self.clock.sleep,
            stop=self._stop(deadline),
            wait=_wait,
            retry=tenacity.retry_if_exception_type(TransientFeedError),
            before_sleep=self._log_retry,
            reraise=True,
        )
        count = 0
        try:
            for attempt in attempts:
                with attempt:
                    count += 1
                    return self._attempt(self.page_url(key, number, endpoint), number, deadline)
        except FeedError as error:
            tried = f"{count} attempt{'s' if count > 1 else ''}"
            message = f"GET {endpoint.name} of {key}, page {number} ({tried}): {error}"
            raise _like(error, self.scrub(message)) from None
        raise AssertionError("tenacity returned without a result")

    def _attempt(self, url: str, number: int, deadline: float) -> Page:
        remaining = deadline - self.clock.monotonic()
        if remaining <= 0:
            raise DeadlineError(
                f"the walk's time of {self.limits.walk_timeout:g} s ran out; raise "
                f"`feed.walk_timeout` or try again when the feed is faster"
            )
        timeout = (min(self.limits.connect_timeout, remaining), min(self.limits.read_timeout, remaining))
        self.usage.requests += 1
        try:
            with self._session.get(url, timeout=timeout, allow_redirects=False, stream=True) as response:
                self._check_status(response)
                body = self._read(response, deadline)
        except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError, OSError) as error:
            raise TransientFeedError(
                f"the connection failed ({_cause(error)}); check `feed.url` and the network, or try again later"
            ) from error
        self._check_type(response, body)
        return parse_page(body, number)

    def page_url(self, key: ConferenceKey, number: int, endpoint: Endpoint = SESSIONS) -> str:
        """The URL of a page, built from parameters alone (feed-facts.md, Pages)."""
        where = json.dumps(
            {"account": key.account, "conference": key.conference}, separators=(",", ":"), ensure_ascii=False
        )
        parameters = {"where": where} if number == 1 else {"where": where, "page": str(number)}
        return f"{self.url}/{endpoint.name}?{urlencode(parameters, quote_via=quote, safe='')}"

    def _check_status(self, response: requests.Response) -> None:
        if response.status_code == 200:
            return
        treatment = treatment_of(response.status_code)
        remedy = treatment.remedy.format(token_source=self.token_source)
        message = f"answered {response.status_code}; {remedy}"
        if treatment.retry:
            raise TransientFeedError(message, retry_after=self._retry_after(response))
        raise NotIncludedError(message) if treatment.not_included else PermanentFeedError(message)

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        """The decoded body, bounded in size and, even when it trickles, in time."""
        chunks: list[bytes] = []
        size = 0
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > self.limits.max_page_bytes:
                raise ContractError(
                    f"the body is larger than {self.limits.max_page_bytes >> 20} MiB; raise "
                    f"`feed.max_page_mib` if that can be right"
                )
            if self.clock.monotonic() > deadline:
                raise DeadlineError(
                    f"the body was still arriving when the walk's time of "
                    f"{self.limits.walk_timeout:g} s ran out; try again later"
                )
        return b"".join(chunks)

    def _check_type(self, response: requests.Response, body: bytes) -> None:
        """An HTML page with status 200 is a proxy or an outage, not the feed."""
        kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind and not kind.endswith(("/json", "+json")):
            start = self.scrub(body[:4096].decode("utf-8", "replace")).strip()[:60].split("\n")[0]
            raise TransientFeedError(
                f"answered {kind} in place of JSON, beginning {start!r}; the feed or a proxy before it is in trouble: "
                f"try again later, check `feed.url`"
            )

    def _retry_after(self, response: requests.Response) -> float | None:
        """Seconds of a Retry-After header, given in seconds or as a date (RFC 9110, section 10.2.3)."""
        value = response.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        try:
            return parsedate_to_datetime(value).timestamp() - self.clock.wall()
        except (TypeError, ValueError):
            return None

    def _stop(self, deadline: float) -> Callable[[tenacity.RetryCallState], bool]:
        def stop(state: tenacity.RetryCallState) -> bool:
            late = self.clock.monotonic() + state.upcoming_sleep > deadline
            return state.attempt_number >= self.limits.max_attempts or late

        return stop

    def _log_retry(self, state: tenacity.RetryCallState) -> None:
        self.usage.retries += 1
        reason = self.scrub(str(state.outcome.exception() if state.outcome else ""))
        logger.warning("attempt %d failed: %s; next in %.1f s", state.attempt_number, reason, state.upcoming_sleep)

    def _authorization(self) -> str:
        return f"Basic {self._encoded()}" if self.auth == "basic" else self.token

    def _encoded(self) -> str:
        return base64.b64encode(f"{self.token}:".encode()).decode("ascii")

    def scrub(self, text: str) -> str:
        """The text without the token. Scrub before cutting: a part of a token is no longer found."""
        return text.replace(self.token, "[token]").replace(self._encoded(), "[token]")


def _wait(state: tenacity.RetryCallState) -> float:
    """Seconds until the next try: what the server asked for, else exponential with jitter."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, TransientFeedError) else None
    if asked is not None and asked > 0:
        return asked
    return tenacity.wait_random_exponential(multiplier=0.5, max=_LONGEST_WAIT)(state)


def _cause(error: BaseException) -> str:
    """The innermost reason of a connection error: the outer ones repeat the URL and say less."""
    while True:
        inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        inner = inner or getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            return str(error) or type(error).__name__
        error = inner


def _like(error: FeedError, message: str) -> FeedError:
    if isinstance(error, TransientFeedError):
        return type(error)(message, retry_after=error.retry_after)
    return type(error)(message)
