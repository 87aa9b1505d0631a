"""Venue times of engagements: a talk has times of day alone, and the day of its session.

It begins on the day that the session begins on, or in the night after it (`times.within_a_night`). Pure.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from planion_assets.tables.fields import instants, timestamps
from planion_assets.tables.fields.times import START as SESSION_START
from planion_assets.tables.fields.times import clock_minutes, later, midnight, session_start, within_a_night
from planion_assets.tables.fields.values import Unreadable, remembered

SESSION = {name: f"session.{name}" for name in SESSION_START}
"""By the session's key the member of an engagement's record that holds it: an entry has times of its own."""
SOURCES = (*SESSION.values(), "startTime", "endTime")


def engagement_start(record: Mapping[str, Any], venue: str | None = None) -> datetime | None:
    """The zoneless start of an engagement; None without a day, raises `Unreadable` for an unreadable time of day."""
    return _start(*map(record.get, SOURCES), venue)


@remembered  # four columns are read from it
def _start(*cells: Any) -> datetime | None:
    *of_session, clock, _, venue = cells
    day, session = _day_and_start(*of_session, venue)
    when = _on(day, clock)
    if when is None or session is None or when >= session:
        return when
    return within_a_night(when, session)


def engagement_end(record: Mapping[str, Any], venue: str | None = None) -> datetime | None:
    """The zoneless end of an engagement, as `engagement_start`."""
    return _end(*map(record.get, SOURCES), venue)


@remembered
def _end(*cells: Any) -> datetime | None:
    *of_session, _, clock, venue = cells
    day, session = _day_and_start(*of_session, venue)
    try:
        start = _start(*cells) or session
    except Unreadable:
        start = session
    when = _on(start.date() if start else day, clock)
    return when if when is None or start is None else within_a_night(when, start)


def engagement_start_instant(record: Mapping[str, Any], venue: str | None) -> datetime | None:
    """The UTC instant of an engagement's start; None where it cannot be read, or without a zone of the venue.

    Where clocks skip the start of the session it moves as that does: no talk begins before its session for that.
    """
    _, session = _session(record, venue)
    return instants.instant_after([session], instants.readable(engagement_start, record, venue), venue)


def engagement_end_instant(record: Mapping[str, Any], venue: str | None) -> datetime | None:
    """The UTC instant of an engagement's end, as `engagement_start_instant`; it moves with its own start too."""
    _, session = _session(record, venue)
    starts = [session, instants.readable(engagement_start, record, venue)]
    return instants.instant_after(starts, instants.readable(engagement_end, record, venue), venue)


def _session(record: Mapping[str, Any], venue: str | None) -> tuple[date | None, datetime | None]:
    """The day and the start of the session; None for what cannot be read, which is noted for the session."""
    return _day_and_start(*map(record.get, SESSION.values()), venue)


@remembered
def _day_and_start(start_date: Any, clock: Any, minutes: Any, venue: str | None) -> tuple[date | None, datetime | None]:
    session = dict(zip(SESSION, (start_date, clock, minutes), strict=True))
    try:
        day = timestamps.day(start_date, venue)
    except Unreadable:
        return None, None
    try:
        start = session_start(session, venue)
    except Unreadable:
        return day, None
    return start.date() if start else day, start


def _on(day: date | None, clock: Any) -> datetime | None:
    minutes = clock_minutes(clock)
    return None if day is None or minutes is None else later(midnight(day), timedelta(minutes=minutes))
