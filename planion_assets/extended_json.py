"""MongoDB's extended JSON: objects that stand for one value, such as `{"$numberLong": "5887391606"}`.

MongoDB is the store behind the framework whose pages the feed's are like (feed-facts.md). Each form that it has had is
read: that of its page "Extended JSON (v2)", and v1 before that. Pure.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_REAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]{1,5})?", re.IGNORECASE)
_LONGEST = 100  # characters of a number; MongoDB's decimals have 34 digits
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"$date": timedelta(milliseconds=1), "$timestamp": timedelta(seconds=1)}


def value_of(wrapped: Any) -> Any:
    """The value that an object stands for; anything else as it is.

    Text, a whole number, a float, a `Decimal`, a datetime in UTC, or None; text of a date for a date that was written
    as text. An object that only looks like one of MongoDB's is itself.
    """
    if not isinstance(wrapped, dict) or len(wrapped) != 1:
        return wrapped
    ((name, inner),) = wrapped.items()
    if name == "$undefined" and inner is True:
        return None
    value: Any = None
    if name in ("$oid", "$symbol", "$uuid") and isinstance(inner, str):
        value = inner
    elif name in ("$numberInt", "$numberLong"):
        value = _whole(inner)
    elif name in ("$numberDouble", "$numberDecimal"):
        value = _real(inner, exact=name == "$numberDecimal")
    elif name in _UNITS:
        value = _date(name, inner)
    return wrapped if value is None else value


def _whole(inner: Any) -> int | None:
    if isinstance(inner, str) and _WHOLE.fullmatch(inner.strip()):
        return int(inner)
    return inner if type(inner) is int else None


def _real(inner: Any, *, exact: bool) -> float | Decimal | None:
    if type(inner) in (int, float):
        return float(inner) if abs(inner) < math.inf else None
    if not isinstance(inner, str) or len(inner) > _LONGEST or not _REAL.fullmatch(inner.strip()):
        return None
    return Decimal(inner.strip()) if exact else float(inner)


def _date(name: str, inner: Any) -> datetime | str | None:
    if name == "$date" and isinstance(inner, str):
        return inner
    since = inner.get("t") if name == "$timestamp" and isinstance(inner, dict) else value_of(inner)
    if type(since) is not int:
        return None
    try:
        return _EPOCH + since * _UNITS[name]
    except OverflowError:
        return None
