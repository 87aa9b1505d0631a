"""Checks of sessions: their dates and times, and where the published ones take place."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median_low

from planion_assets.tables.quality.model import Contents, Offender, Severity, check, moment

_DAY = 24 * 60 * 60 * 1_000_000  # microseconds
_FURTHEST = timedelta(days=20 * 365.25)
# Each kind has a median of its own: an old programme may be entered, and updated, long after it took place.
_KINDS = (("start_date", "end_date"), ("session_updated_at", "schedule_updated_at"))
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
_TIMES = ("schedid", "starts_at_local", "ends_at_local")


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
            yield schedid, value.toordinal() if isinstance(value, date) else value // _DAY + _FIRST_DAY


def _of_length(contents: Contents, wrong: Callable[[int, bool], bool]) -> list[Offender]:
    """The sessions that have both times, and last a number of microseconds that is wrong.

    `wrong` is told too whether the feed states an end date that can be read.
    """
    return [
        (schedid, moment(start), moment(end))
        for schedid, start, end, ends_on in contents.rows("sessions", *_TIMES, "end_date")
        if start is not None and end is not None and wrong(end - start, ends_on is not None)
    ]


@check(
    table="sessions",
    severity=Severity.ERROR,
    finds="Sessions that end before their start, or at it on an end date that the feed states",
    because="no session can, so a date or a time of it is wrong, and every calendar made from it is.",
    columns=_TIMES,
    code_version="3",
)
def session_ends_after_start(contents: Contents) -> list[Offender]:
    return _of_length(contents, lambda length, dated: length < 0 or (length == 0 and dated))


@check(
    table="sessions",
    finds="Sessions that end at their start, without an end date",
    because="nobody knows how long they are; twelve to twelve may be a day, half a day or a moment.",
    columns=_TIMES,
    code_version="2",
)
def session_has_length(contents: Contents) -> list[Offender]:
    return _of_length(contents, lambda length, dated: length == 0 and not dated)


@check(
    table="sessions",
    finds="Sessions that last more than 24 hours",
    because="mostly a wrong date, but an exhibition can be meant to.",
    columns=_TIMES,
)
def session_lasts_a_day_at_most(contents: Contents) -> list[Offender]:
    return _of_length(contents, lambda length, dated: length > _DAY)


@check(
    table="sessions",
    finds="Published sessions without a date or without a room",
    because="usual while a programme is being made, and a gap in the printed one.",
    columns=("schedid", "lacks"),
)
def published_session_is_placed(contents: Contents) -> list[Offender]:
    columns = ("schedid", "published", "start_date", "roomname", "roomid", "sched_roomname")
    found: list[Offender] = []
    for schedid, published, day, *room in contents.rows("sessions", *columns):
        lacks = [what for what, values in (("date", [day]), ("room", room)) if not any(values)]
        if published and lacks:
            found.append((schedid, " and ".join(lacks)))
    return found
