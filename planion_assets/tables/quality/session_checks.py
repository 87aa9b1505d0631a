"""Checks of single sessions: their times, and where the published ones take place."""

from collections.abc import Callable

from planion_assets.tables.quality.model import Check, Contents, Offender, Severity, moment

_DAY = 24 * 60 * 60 * 1_000_000  # microseconds
_TIMES = ("schedid", "starts_at_local", "ends_at_local")


def _of_length(contents: Contents, wrong: Callable[[int, bool], bool]) -> list[Offender]:
    """The sessions that have both times, and last a number of microseconds that is wrong.

    `wrong` is told too whether the feed states an end date that can be read.
    """
    return [
        (schedid, moment(start), moment(end))
        for schedid, start, end, ends_on in contents.rows("sessions", *_TIMES, "end_date")
        if start is not None and end is not None and wrong(end - start, ends_on is not None)
    ]


def ending_too_early(contents: Contents) -> list[Offender]:
    """The sessions that end before their start, and those that end at it on a day that the feed states."""
    return _of_length(contents, lambda length, dated: length < 0 or (length == 0 and dated))


def without_length(contents: Contents) -> list[Offender]:
    """The sessions that end at their start, without an end date."""
    return _of_length(contents, lambda length, dated: length == 0 and not dated)


def lasting_too_long(contents: Contents) -> list[Offender]:
    """The sessions that last more than 24 hours."""
    return _of_length(contents, lambda length, dated: length > _DAY)


def published_without_place(contents: Contents) -> list[Offender]:
    """The published sessions without a date, or without a room by name or identifier, with what they lack."""
    columns = ("schedid", "published", "start_date", "roomname", "roomid", "sched_roomname")
    found: list[Offender] = []
    for schedid, published, date, *room in contents.rows("sessions", *columns):
        lacks = [what for what, values in (("date", [date]), ("room", room)) if not any(values)]
        if published and lacks:
            found.append((schedid, " and ".join(lacks)))
    return found


ENDS_AFTER_START = Check(
    name="session_ends_after_start",
    table="sessions",
    severity=Severity.ERROR,
    finds="Sessions that end before their start, or at it on an end date that the feed states",
    because="no session can, so a date or a time of it is wrong, and every calendar made from it is.",
    columns=_TIMES,
    find=ending_too_early,
    reads=("sessions",),
    code_version="2",
)
HAS_LENGTH = Check(
    name="session_has_length",
    table="sessions",
    severity=Severity.WARN,
    finds="Sessions that end at their start, without an end date",
    because="nobody knows how long they are; twelve to twelve may be a day, half a day or a moment.",
    columns=_TIMES,
    find=without_length,
    reads=("sessions",),
)
LASTS_A_DAY_AT_MOST = Check(
    name="session_lasts_a_day_at_most",
    table="sessions",
    severity=Severity.WARN,
    finds="Sessions that last more than 24 hours",
    because="mostly a wrong date, but an exhibition can be meant to.",
    columns=_TIMES,
    find=lasting_too_long,
    reads=("sessions",),
)
PUBLISHED_IS_PLACED = Check(
    name="published_session_is_placed",
    table="sessions",
    severity=Severity.WARN,
    finds="Published sessions without a date or without a room",
    because="usual while a programme is being made, and a gap in the printed one.",
    columns=("schedid", "lacks"),
    find=published_without_place,
    reads=("sessions",),
)
