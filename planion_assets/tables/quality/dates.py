"""The check of dates: that they are of the time of their conference."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median_low

from planion_assets.tables.quality.model import Contents, Offender, check

_FURTHEST = timedelta(days=20 * 365.25)
# Each kind has a median of its own: an old programme may be entered, and updated, long after it took place.
_KINDS = (("start_date", "end_date"), ("session_updated_at", "schedule_updated_at"))
_MICROSECONDS = 24 * 60 * 60 * 1_000_000  # of a day
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


@check(
    table="sessions",
    finds="Dates more than 20 years from the middle one of the conference",
    because="mostly a typing error or a placeholder; pandas and others that count nanoseconds hold none beyond 2262.",
    columns=("schedid", "column", "date"),
)
def dates_are_plausible(contents: Contents) -> list[Offender]:
    """By column, in the table's order."""
    found: list[Offender] = []
    for columns in _KINDS:
        days = [(schedid, column, day) for column in columns for schedid, day in _days(contents, column)]
        middle = median_low(day for *_, day in days) if days else 0
        far = [one for one in days if abs(one[2] - middle) > _FURTHEST.days]
        found += [(schedid, column, str(date.fromordinal(day))) for schedid, column, day in far]
    return found


def _days(contents: Contents, column: str) -> Iterator[tuple[str | None, int]]:
    """The days of a column, as ordinals of the calendar."""
    for schedid, value in contents.rows("sessions", "schedid", column):
        if value is not None:
            yield schedid, value.toordinal() if isinstance(value, date) else value // _MICROSECONDS + _FIRST_DAY
