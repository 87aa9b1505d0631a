"""Reading one value of the feed as a type.

The feed is dirty by nature (feed-facts.md, Items): `""`, `" "` and null all mean no value, numbers come as text, and
any value may come in MongoDB's extended JSON. Each function takes any JSON value and returns the Python value that
Arrow takes for the type, or None for no value, and raises `Unreadable` for a value that is not of the type. None takes
longer than in proportion to the value. Pure; knows nothing of columns.
"""

import functools
import json
import math
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from planion_assets.extended_json import value_of
from planion_assets.members import is_blank

# Narrower than what Python reads: 1_000, other digits than ASCII's, 20241103.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
# Thousands set apart, and a decimal comma, as some languages write them. No other reading is possible of 1,5 and 0,125
# and 1.234,5 and 1,234,567; 1,250 is as much as 1.25 or a thousand times that, and no number here.
_GROUPED = re.compile(
    r"[+-]?(?:"
    r"[0-9]{1,3}(?:\s[0-9]{3})+(?:[.,][0-9]*)?"
    r"|[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.[0-9]*)?"
    r"|[0-9]{1,3},[0-9]{3}\.[0-9]*"
    r"|[0-9]{1,3}(?:\.[0-9]{3}){2,}(?:,[0-9]*)?"
    r"|[0-9]{1,3}\.[0-9]{3},[0-9]*"
    r"|(?:0?|[0-9]{4,}),[0-9]+|[0-9]{1,3},(?:[0-9]{1,2}|[0-9]{4,})"
    r")"
)
_SPACE = re.compile(r"\s")
# Digits of a number that is written apart, or with an exponent where a whole number is meant.
_LONGEST = 40
# From here on 64-bit floats do not tell whole numbers apart.
_WHOLE_FLOATS = 2**53
# One encoder: json.dumps makes another for each call with separators of its own.
_compact = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode
# In place of what Python writes as Infinity, which is no JSON.
_BEYOND, _BELOW = "beyond 2f7c1d5e9b3a4c60", "below 2f7c1d5e9b3a4c60"
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile("[\\\\\ud800-\udfff]")
# Spaces without width and soft hyphens, which part words as little as they are seen.
_NO_WIDTH = re.compile("[\u00ad\u180e\u200b\u2060\ufeff]")


_Read = TypeVar("_Read")


class Unreadable(ValueError):
    """A value is there, but it cannot be read as the type asked for."""


def remembered(read: Callable[..., _Read]) -> Callable[..., _Read]:
    """The function, which remembers what it has read: sessions have the same times, orders and credits."""
    cached = functools.lru_cache(maxsize=4096, typed=True)(read)

    @functools.wraps(read)
    def remembering(*cells: Any) -> _Read:
        try:
            return cached(*cells)
        except TypeError:  # an object or a list of the feed cannot be remembered
            return read(*cells)

    return remembering


def readable(read: Callable[..., _Read], *cells: Any) -> _Read | None:
    """What a function reads; None where it cannot, for values of which that is noted elsewhere."""
    try:
        return read(*cells)
    except Unreadable:
        return None


def text(value: Any) -> str | None:
    """Text as it came, blank as None. Numbers and booleans as JSON writes them, objects and lists as JSON.

    Half a surrogate pair, which JSON can escape and UTF-8 cannot hold, becomes U+FFFD.
    """
    if not isinstance(value, str):
        value = None if value is None else _worded(value)
    return None if is_blank(value) else _sound(value)


def line(value: Any) -> str | None:
    """Text on one line: without spaces around it, and each run of spaces and line breaks as one; blank as None.

    So that equal names are equal; what is no text is as JSON writes it.
    """
    if not isinstance(value, str):
        return text(value)
    if not value.isascii():
        value = _NO_WIDTH.sub("", _sound(value))
    return " ".join(value.split()) or None


def folded(name: str) -> str:
    """A name by which it is compared with others, whatever the case and spacing."""
    return " ".join(name.split()).casefold()


def identifier(value: Any) -> str | None:
    """An identifier: text without padding, a whole number as its digits, also one that came as a float (21899.0).

    What differs stays apart. So a whole float from 2**53 on is unreadable, and half a surrogate pair is written as
    JSON escapes it (`\\ud800`); in a text that holds one, or a backslash before a "u", each backslash is doubled.
    """
    if not isinstance(value, str):
        value = _named(value_of(value))
    if value is None or not (name := value.strip()):
        return None
    return name if name.isascii() and "\\u" not in name else _escaped(name)


def json_text(value: Any) -> str | None:
    """A value of any shape as compact JSON text in UTF-8; null, and nothing else, as None.

    Half a surrogate pair, which UTF-8 cannot hold, stays escaped (`\\ud800`). A number beyond 64-bit floats (1e400), of
    which Python keeps no more than that it is infinite, is written as 1e999; NaN, which is no JSON, as null.
    """
    if value is None:
        return None
    if value == []:
        return "[]"  # as most lists are
    try:
        written = _compact(value)
    except ValueError:
        written = _compact(_sayable(value)).replace(_compact(_BEYOND), "1e999").replace(_compact(_BELOW), "-1e999")
    return with_escaped_halves(written)


def with_escaped_halves(written: str) -> str:
    """JSON text as UTF-8 can hold it: half a surrogate pair is escaped."""
    return written if written.isascii() else _HALF_PAIR.sub(lambda found: f"\\u{ord(found[0]):x}", written)


def boolean(value: Any) -> bool | None:
    """true, 1, "1" and "true"; false, 0, "0" and "false"."""
    value = value_of(value)
    if is_blank(value):
        return None
    word = value.strip().lower() if isinstance(value, str) else value
    if word in (True, 1, "1", "true"):
        return True
    if word in (False, 0, "0", "false"):
        return False
    raise Unreadable("neither true nor false")


def number(value: Any) -> float | None:
    """A finite number, as a number or as text; a comma is read where it can be nothing but one thing."""
    value = value_of(value)
    if isinstance(value, str):
        value = _of_text(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
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


def _of_text(value: str) -> str | None:
    """The text of a number as Python reads it."""
    value = value.strip()
    if _NUMBER.fullmatch(value):
        return value
    if len(value) < _LONGEST and _GROUPED.fullmatch(value):
        return _with_point(value)
    if value:
        raise Unreadable("no number")
    return None


def _with_point(value: str) -> str:
    """A number with thousands set apart, or with a decimal comma, as Python reads it."""
    value = _SPACE.sub("", value)
    points, commas = value.count("."), value.count(",")
    if points > 1 or (points == 1 and commas == 1 and value.rindex(",") > value.index(".")):
        value = value.replace(".", "")
    elif commas > 1 or (points == 1 and commas == 1):
        value = value.replace(",", "")
    return value.replace(",", ".")


def _named(value: Any) -> str | None:
    """What is no text as the text of an identifier."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE_FLOATS:
        return str(int(value))
    if isinstance(value, Decimal) and value.adjusted() < _LONGEST and value == value.to_integral_value():
        return str(int(value))
    raise Unreadable("neither text nor a whole number")


def _worded(value: Any) -> str | None:
    """What is no text as text."""
    plain = value_of(value)
    if isinstance(plain, float) and not math.isfinite(plain):
        raise Unreadable("no finite number")
    if isinstance(plain, datetime | Decimal):
        return str(plain)
    return plain if isinstance(plain, str) else json_text(plain)


def _sayable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sayable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_sayable(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else _BEYOND if value > 0 else _BELOW
    return value


def _sound(value: str) -> str:
    """Text that UTF-8 can hold."""
    if value.isascii() or not _HALF_PAIR.search(value):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _escaped(name: str) -> str:
    """An identifier that UTF-8 can hold, and that no other identifier becomes."""
    if "\\u" not in name and not _HALF_PAIR.search(name):
        return name
    return _ESCAPED.sub(lambda found: "\\\\" if found[0] == "\\" else f"\\u{ord(found[0]):x}", name)
