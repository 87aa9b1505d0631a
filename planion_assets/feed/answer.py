"""What an answer of the feed is before it is read as JSON: a body, or the error of its status, size or type."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from planion_assets.feed.errors import Fault, FeedError, TransientFeedError, failure
from planion_assets.feed.limits import Limits
from planion_assets.feed.redaction import Redactor

_DIGITS = 12  # of a number of seconds: thousands of years
_ENCODED_PIECE = 1 << 16  # bytes
_QUOTED_BYTES = 4096
_QUOTED_CHARACTERS = 60


def read_body(response: requests.Response, limit: int) -> bytes:
    """The decoded body of at most `limit` bytes; little more of a larger one is taken from the network or a decoder.

    Raises `ContractError` for a larger body, and whatever urllib3 raises for one that cannot be read.
    """
    declared = response.headers.get("Content-Length", "").strip()[:19]
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit, f"{declared} bytes are declared")
    # A few encoded bytes may stand for many; what is not encoded costs least in one piece.
    piece = _ENCODED_PIECE if "Content-Encoding" in response.headers else limit + 1
    pieces: list[bytes] = []
    size = 0
    while data := response.raw.read(piece, decode_content=True):
        pieces.append(data)
        size += len(data)
        if size > limit:
            raise _too_large(limit, "it was left unread")
    return b"".join(pieces)


def _too_large(limit: int, how: str) -> FeedError:
    return failure(Fault.TOO_LARGE, f"the body is larger than {limit >> 20} MiB ({how})")


def check_type(response: requests.Response, body: bytes, redact: Redactor) -> None:
    """An HTML page or nothing with status 200 is a proxy or an outage: raises `TransientFeedError`."""
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if kind and not kind.endswith(("/json", "+json")):
        text = redact(body[:_QUOTED_BYTES].decode("utf-8", "replace")).strip()
        start = text[:_QUOTED_CHARACTERS].split("\n")[0]
        raise failure(
            Fault.WRONG_TYPE, f"answered {redact(kind, _QUOTED_CHARACTERS)} in place of JSON, beginning {start!r}"
        )
    if not body:
        raise failure(Fault.NOT_JSON, "the body of 0 bytes is not JSON")


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
    answered = f"answered {status}"
    if seconds is not None:
        answered += f" and asks to wait until {_utc(now + seconds)} ({seconds:.0f} s)"
    error = failure(status, answered, token_source=token_source)
    if isinstance(error, TransientFeedError) and seconds is not None:
        if seconds > limits.max_retry_after:
            return failure(Fault.BUSY, answered, limit=limits.max_retry_after)
        error.retry_after = seconds
    return error


def _utc(seconds: float) -> str:
    """An instant (Unix time) for a person, in UTC."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "a time beyond the calendar"
