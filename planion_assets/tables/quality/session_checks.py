"""Checks of single sessions: their times, and where the published ones take place."""

from collections.abc import Callable

from planion_assets.tables.quality.model import Contents, Offender, Severity, check, moment

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
    for schedid, published, date, *room in contents.rows("sessions", *columns):
        lacks = [what for what, values in (("date", [date]), ("room", room)) if not any(values)]
        if published and lacks:
            found.append((schedid, " and ".join(lacks)))
    return found
