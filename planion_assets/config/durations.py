"""Durations and dates as planion.yaml writes them: `90s`, `15m`, `36h`, `14d`, `2027-06-30`.

Belongs here: reading, bounding and writing such values, in words that follow a key. A message repeats no value.
Does not belong here: which key holds which kind of value (models.py), any other kind of value (values.py).
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(\d{1,9})\s*([smhd])", re.ASCII)
_HINT = "write a whole number and its unit, for example 90s, 15m, 36h or 14d"


def checked_duration(least: timedelta, most: timedelta) -> Callable[[object], timedelta]:
    """A check for durations of at least `least` and at most `most`."""

    def check(value: object) -> timedelta:
        match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
        if not match:
            raise ValueError(f"is not a duration; {_HINT}")
        seconds = int(match[1]) * _UNITS[match[2]]
        # Seconds, not timedeltas: nine digits of days are beyond what a timedelta holds.
        if seconds < least.total_seconds():
            raise ValueError(f"is less than {duration_text(least)}; give {_bounds(least, most)}")
        if seconds > most.total_seconds():
            raise ValueError(f"is more than {duration_text(most)}; give {_bounds(least, most)}")
        return timedelta(seconds=seconds)

    return check


def or_never(check: Callable[[object], timedelta]) -> Callable[[object], timedelta | None]:
    """A check for such durations that takes the word `never` too, which is None."""

    def checked(value: object) -> timedelta | None:
        return None if isinstance(value, str) and value.strip() == "never" else check(value)

    return checked


def checked_date(value: object) -> date:
    """A calendar date."""
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip(), re.ASCII):
            return datetime.strptime(value.strip(), "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        pass
    raise ValueError("is not a date; write year, month and day like 2027-06-30")


def duration_text(duration: timedelta) -> str:
    """A duration in the largest unit that holds it exactly, as planion.yaml would write it; parts of a second fall."""
    seconds = int(duration.total_seconds())
    unit = next(unit for unit, size in _UNITS.items() if seconds % size == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def _bounds(least: timedelta, most: timedelta) -> str:
    return f"a duration from {duration_text(least)} to {duration_text(most)}"
