"""Reading one value of the feed as a type.

The feed is dirty by nature (feed-facts.md, Items): `""`, `" "` and null all mean no value, and numbers come as
text. Each function takes any JSON value and returns the Python value that Arrow takes for the type, or None for
no value, and raises `Unreadable` for a value that is not of the type. Pure; knows nothing of columns.
"""

import json
import math
import re
from datetime import UTC, date, datetime
from typing import Any

# Narrower than what Python reads: 1_000, other digits than ASCII's, 20241103.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
# One encoder: json.dumps makes another for each call with separators of its own.
_compact = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
# In place of what Python writes as Infinity, which is no JSON.
_BEYOND, _BELOW = "beyond 2f7c1d5e9b3a4c60", "below 2f7c1d5e9b3a4c60"
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Unreadable(ValueError):
    """A value is there, but it cannot be read as the type asked for."""


def blank(value: Any) -> bool:
    """Whether a value is one of the feed's ways of writing no value."""
    return value is None or (isinstance(value, str) and not value.strip())


def text(value: Any) -> str | None:
    """Text as it came, blank as None. Numbers and booleans as JSON writes them, objects and lists as JSON."""
    if blank(value):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        raise Unreadable("no finite number")
    return _sound(value) if isinstance(value, str) else json_text(value)


def identifier(value: Any) -> str | None:
    """An identifier: text without padding, a whole number as its digits."""
    if blank(value):
        return None
    if isinstance(value, str):
        return _sound(value.strip())
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Unreadable("neither text nor a whole number")


def json_text(value: Any) -> str | None:
    """A value of any shape as compact JSON text; null, and nothing else, as None.

    A number beyond 64-bit floats (1e400), of which Python keeps no more than that it is infinite, is written as 1e999;
    NaN, which is no JSON, as null.
    """
    if value is None:
        return None
    try:
        return _compact(value)
    except ValueError:
        return _compact(_sayable(value)).replace(_compact(_BEYOND), "1e999").replace(_compact(_BELOW), "-1e999")


def boolean(value: Any) -> bool | None:
    """true, 1, "1" and "true"; false, 0, "0" and "false"."""
    if blank(value):
        return None
    word = value.strip().lower() if isinstance(value, str) else value
    if word in (True, 1, "1", "true"):
        return True
    if word in (False, 0, "0", "false"):
        return False
    raise Unreadable("neither true nor false")


def number(value: Any) -> float | None:
    """A finite number, as a number or as text."""
    if blank(value):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unreadable("no number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise Unreadable("no number")
    try:
        result = float(value)
    except (ValueError, OverflowError) as error:
        raise Unreadable("no number") from error
    if not math.isfinite(result):
        raise Unreadable("no finite number")
    return result


def integer(value: Any) -> int | None:
    """A whole number that fits 32 bits with sign."""
    result = number(value)
    if result is None:
        return None
    if not result.is_integer() or not -(2**31) <= result < 2**31:
        raise Unreadable("no whole number of 32 bits")
    return int(result)


def day(value: Any) -> date | None:
    """A calendar date written as 2024-11-03."""
    if blank(value):
        return None
    if not isinstance(value, str) or not _DAY.fullmatch(value.strip()):
        raise Unreadable("no date like 2024-11-03")
    try:
        return date.fromisoformat(value.strip())
    except ValueError as error:
        raise Unreadable("no date like 2024-11-03") from error


def instant(value: Any) -> datetime | None:
    """A timestamp written as 2024-01-31 15:30:43, which names no zone (feed-facts.md, Items): read as UTC."""
    if blank(value):
        return None
    try:
        when = value.strip()
        if _INSTANT.fullmatch(when):
            return datetime.fromisoformat(f"{when}+00:00")  # a twentieth of the time that strptime takes
        return datetime.strptime(when, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except (AttributeError, ValueError) as error:
        raise Unreadable("no timestamp like 2024-01-31 15:30:43") from error


def _sayable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sayable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_sayable(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else _BEYOND if value > 0 else _BELOW
    return value


def _sound(value: str) -> str:
    """Text that UTF-8 can hold: half a surrogate pair, which JSON can escape, becomes U+FFFD."""
    if value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
