"""Durations and dates as planion.yaml writes them: `90s`, `15m`, `36h`, `14d`, `2027-06-30`.

In words that follow a key, which repeat no value. Other kinds of values are read in setting_values.py.
"""

import contextlib
import re
from datetime import date, timedelta
from typing import Any

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(\d{1,9})\s*([smhd])", re.ASCII)  # nine digits of days are as many as a timedelta holds
# How they are written, for the schema of the file.
DURATION_PATTERN = r"^\s*\d{1,9}\s*[smhd]\s*$"
DURATION_OR_NEVER_PATTERN = r"^\s*(never|\d{1,9}\s*[smhd])\s*$"
DATE_PATTERN = r"^\s*\d{4}-\d\d-\d\d\s*$"


def parse_duration(value: object) -> timedelta:
    """The duration that a text says. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError("is not a duration; write a whole number and its unit, for example 90s, 15m, 36h or 14d")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def parse_duration_or_never(value: object) -> timedelta | None:
    """The duration that a text says, None for the word `never`. Raises ValueError."""
    never = value is None or (isinstance(value, str) and value.strip() == "never")
    return None if never else parse_duration(value)


def parse_date(value: object) -> date:
    """The calendar date that a text says. Raises ValueError."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip(), re.ASCII):
        with contextlib.suppress(ValueError):  # the 30th of February
            return date.fromisoformat(value.strip())
    raise ValueError("is not a date; write year, month and day like 2027-06-30")


def duration_text(duration: timedelta) -> str:
    """A duration as planion.yaml writes it, in the largest unit that holds it exactly; fractions of a second go."""
    seconds = int(duration.total_seconds())
    unit = next(unit for unit, size in _UNITS.items() if seconds % size == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def value_text(value: Any) -> str:
    """A duration or a number as planion.yaml would write it."""
    return duration_text(value) if isinstance(value, timedelta) else f"{value:g}"
