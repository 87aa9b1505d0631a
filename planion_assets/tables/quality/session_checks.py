"""Checks of single sessions: their times, and where the published ones take place."""

from collections.abc import Callable

from planion_assets.tables.quality.model import Check, Contents, Offender, Severity, moment

_DAY = 24 * 60 * 60 * 1_000_000  # microseconds
_TIMES = ("schedid", "starts_at_local", "ends_at_local")


def _of_length(contents: Contents, wrong: Callable[[int], bool]) -> list[Offender]:
    """The sessions that have both times, and last a number of microseconds that is wrong."""
    return [
        (schedid, moment(start), moment(end))
        for schedid, start, end in contents.rows("sessions", *_TIMES)
        if start is not None and end is not None and wrong(end - start)
    ]


def ending_too_early(contents: Contents) -> list[Offender]:
    """The sessions that end at or before their start."""
    return _of_length(contents, lambda length: length <= 0)


def lasting_too_long(contents: Contents) -> list[Offender]:
    """The sessions that last more than 24 hours."""
    return _of_length(contents, lambda length: length > _DAY)


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
    finds="Sessions that end at or before their start",
    because="no session can, so a date or a time of it is wrong, and every calendar made from it is.",
    columns=_TIMES,
    find=ending_too_early,
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
