"""The check of dates: that they are of the time of their conference."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median_low
from typing import NamedTuple

from planion_assets.tables.quality.model import Check, Contents, Offender, Severity

_FURTHEST = timedelta(days=20 * 365.25)
# Each kind has a median of its own: an old programme may be entered, and updated, long after it took place.
_KINDS = (("start_date", "end_date"), ("session_updated_at", "schedule_updated_at"))
_MICROSECONDS = 24 * 60 * 60 * 1_000_000  # of a day
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


class _Cell(NamedTuple):
    day: int
    schedid: str | None
    column: str


def implausible(contents: Contents) -> list[Offender]:
    """The dates further from the median of the conference's dates than twenty years, by column, in the table's order.

    Dates of update are compared with the median of those.
    """
    return [
        (cell.schedid, cell.column, str(date.fromordinal(cell.day)))
        for columns in _KINDS
        for cell in _far([cell for column in columns for cell in _cells(contents, column)])
    ]


def _far(cells: list[_Cell]) -> Iterator[_Cell]:
    if cells:
        middle = median_low(cell.day for cell in cells)
        yield from (cell for cell in cells if abs(cell.day - middle) > _FURTHEST.days)


def _cells(contents: Contents, column: str) -> Iterator[_Cell]:
    """The days of a column, as ordinals of the calendar."""
    for schedid, value in contents.rows("sessions", "schedid", column):
        if value is not None:
            day = value.toordinal() if isinstance(value, date) else value // _MICROSECONDS + _FIRST_DAY
            yield _Cell(day, schedid, column)


DATES_ARE_PLAUSIBLE = Check(
    name="dates_are_plausible",
    table="sessions",
    severity=Severity.WARN,
    finds="Dates more than 20 years from the middle one of the conference",
    because="mostly a typing error or a placeholder; pandas and others that count nanoseconds hold none beyond 2262.",
    columns=("schedid", "column", "date"),
    find=implausible,
    reads=("sessions",),
)
