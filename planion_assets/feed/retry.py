"""What a status and its headers ask for, and how long to wait before a page is requested again.

Which fault is retried is in errors.py, the loop in client.py.
"""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from planion_assets.feed.errors import Fault, FeedError, TransientFeedError, failure
from planion_assets.feed.limits import Limits

_LONGEST_WAIT = 30.0
_DIGITS = 12  # of a number of seconds: thousands of years


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
    seconds = retry_after(response.headers.get("Retry-After", ""), now)
    came = f"answered {status}"
    if seconds is not None:
        came += f" and asks to wait until {_utc(now + seconds)} ({seconds:.0f} s)"
    error = failure(status, came, token_source=token_source)
    if isinstance(error, TransientFeedError) and seconds is not None:
        if seconds > limits.max_retry_after:
            return failure(Fault.BUSY, came, limit=limits.max_retry_after)
        error.retry_after = seconds
    return error


def _utc(seconds: float) -> str:
    """An instant (Unix time) for a person, in UTC."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "a time beyond the calendar"


def wait(error: FeedError, attempt: int) -> float:
    """Seconds to wait after that attempt (from 1): what the server asked for, else exponential with jitter."""
    if error.retry_after is not None:
        return error.retry_after
    return random.uniform(0, min(_LONGEST_WAIT, 0.5 * 2 ** (attempt - 1)))  # noqa: S311 - no secret


def retry_line(page: str, reason: str) -> str:
    """What is logged of a page that is asked for again: whose page it is, and what came."""
    came = " ".join(reason.partition("; ")[0].split())  # one line, without the remedy, which the error has in the end
    return f"{page} {came}" if came.startswith("answered ") else f"{page}: {came}"
