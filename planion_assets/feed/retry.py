"""When a page is asked for again: what the server asks for, how long is waited, when it is given up.

Belongs here: what a status and its headers ask for, and the policy of the retry loop, as tenacity's callables. Which
fault is worth it is said in `planion_assets.feed.errors`, the loop itself is in `planion_assets.feed.client`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import tenacity

from planion_assets.feed.errors import Fault, FeedError, TransientFeedError, failure
from planion_assets.feed.limits import Clock, Limits

_LONGEST_WAIT = 30.0
_DIGITS = 12  # of a number of seconds: thousands of years
_BACKOFF = tenacity.wait_random_exponential(multiplier=0.5, max=_LONGEST_WAIT)


def retry_after(value: str, now: float) -> float | None:
    """Seconds from `now` (Unix time) of a Retry-After header, given in seconds or as a date (RFC 9110, 10.2.3).

    None where it says nothing useful: absent, garbage, zero or in the past.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        seconds = float(value[:_DIGITS])
    else:
        try:
            date = parsedate_to_datetime(value)
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
        except (TypeError, ValueError, OverflowError):
            return None
    return seconds if seconds > 0 else None


def status_failure(response: requests.Response, limits: Limits, now: float, token_source: str) -> FeedError:
    """The failure of an answer with another status than 200, which says how long the server asks to wait."""
    status = response.status_code
    asked = retry_after(response.headers.get("Retry-After", ""), now)
    came = f"answered {status}"
    if asked is not None:
        came += f" and asks to wait until {_utc(now + asked)} ({asked:.0f} s)"
    error = failure(status, came, token_source=token_source)
    if isinstance(error, TransientFeedError) and asked is not None:
        if asked > limits.max_retry_after:
            return failure(Fault.BUSY, came, limit=limits.max_retry_after)
        error.retry_after = asked
    return error


def _utc(seconds: float) -> str:
    """An instant (Unix time) for a person, in UTC."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "a time beyond the calendar"


def is_retried(error: BaseException) -> bool:
    """Whether the same page is asked for again after this error."""
    return isinstance(error, FeedError) and error.retried


def wait(state: tenacity.RetryCallState) -> float:
    """Seconds until the next try: what the server asked for, else exponential with jitter."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, TransientFeedError) else None
    return asked if asked is not None else _BACKOFF(state)


def retry_line(page: str, reason: str, state: tenacity.RetryCallState, limits: Limits) -> str:
    """What is logged before the next try of a page: whose page it is, what came, and when it is tried again."""
    came = " ".join(reason.partition("; ")[0].split())  # one line, without the remedy, which the error has in the end
    joined = f"{page} {came}" if came.startswith("answered ") else f"{page}: {came}"
    return f"{joined} (attempt {state.attempt_number} of {limits.max_attempts}), again in {state.upcoming_sleep:.1f} s"


def stop(limits: Limits, clock: Clock, deadline: float) -> Callable[[tenacity.RetryCallState], bool]:
    """Whether to give up: after the attempts that are allowed, or when the next would begin after the deadline."""

    def given_up(state: tenacity.RetryCallState) -> bool:
        late = clock.monotonic() + state.upcoming_sleep > deadline
        return state.attempt_number >= limits.max_attempts or late

    return given_up
