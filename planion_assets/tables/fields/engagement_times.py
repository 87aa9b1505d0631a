"""Venue times of engagements: a talk has times of day alone, and the day of its session.

It begins on the day that the session begins on, or in the night after it (`times.within_a_night`). Pure.
"""

from datetime import date, datetime, timedelta
from typing import Any

from planion_assets.tables.fields import instants, timestamps
from planion_assets.tables.fields.times import START as SESSION_START
from planion_assets.tables.fields.times import clock_minutes, later, midnight, session_start, within_a_night
from planion_assets.tables.fields.values import readable, remembered

SESSION = {name: f"session.{name}" for name in SESSION_START}
"""By the session's key the member of an engagement's record that holds it: an entry has times of its own."""
SOURCES = (*SESSION.values(), "startTime", "endTime")
"""The members that all functions here take the values of, before the zone of the venue."""


@remembered  # four columns are read from it
def engagement_start(*cells: Any) -> datetime | None:
    """The zoneless start of an engagement; None without a day, raises `Unreadable` for an unreadable time of day."""
    *_, clock, _, _ = cells
    day, session = _day_and_start(*cells)
    when = _on(day, clock)
    return when if when is None or session is None else within_a_night(when, session)


@remembered
def engagement_end(*cells: Any) -> datetime | None:
    """The zoneless end of an engagement, as `engagement_start`."""
    *_, clock, _ = cells
    day, session = _day_and_start(*cells)
    start = readable(engagement_start, *cells) or session
    when = _on(start.date() if start else day, clock)
    return when if when is None or start is None else within_a_night(when, start)


def engagement_start_instant(*cells: Any) -> datetime | None:
    """The UTC instant of an engagement's start; None where it cannot be read, or without a zone of the venue.

    Where clocks skip the start of the session it moves as that does: no talk begins before its session for that.
    """
    _, session = _day_and_start(*cells)
    return instants.instant_after([session], readable(engagement_start, *cells), cells[-1])


def engagement_end_instant(*cells: Any) -> datetime | None:
    """The UTC instant of an engagement's end, as `engagement_start_instant`; it moves with its own start too."""
    _, session = _day_and_start(*cells)
    starts = [session, readable(engagement_start, *cells)]
    return instants.instant_after(starts, readable(engagement_end, *cells), cells[-1])


def _day_and_start(*cells: Any) -> tuple[date | None, datetime | None]:
    """The day and the start of the session; None for what cannot be read, which is noted for the session."""
    *of_session, _, _, venue = cells
    start = readable(session_start, *of_session, venue)
    return start.date() if start else readable(timestamps.day, of_session[0], venue), start


def _on(day: date | None, clock: Any) -> datetime | None:
    minutes = clock_minutes(clock)
    return None if day is None or minutes is None else later(midnight(day), timedelta(minutes=minutes))
