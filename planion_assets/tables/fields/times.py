"""Venue times: from the feed's date and time texts to local timestamps of sessions.

The feed's times are local to the venue and name no zone (feed-facts.md, Items). The rules that all of them follow:

- Minutes of 1440 and more say the next day, those of 2880 the day after it, whatever the text says. An end date that is
  after the start date says so too: a day is counted once.
- An end at or before the start, of which no other end date is stated, is on the next day where that makes twelve hours
  or less. Any other stays as the feed says it: whoever made it has to mend it.

Those of engagements are in `engagement_times.py`. Pure.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from planion_assets.tables.fields import instants, timestamps, values
from planion_assets.tables.fields.time_spellings import CLOCKS
from planion_assets.tables.fields.timestamps import hour_of_day, moment_of, with_usual_spaces
from planion_assets.tables.fields.values import Unreadable, readable, remembered

START = ("startDate", "startTime", "rstartmins")
END = ("endDate", "endTime", "rendmins")
"""The members of a session that its start is read from, and its end beside them."""
_LONGEST = 40  # characters of a time of day
_DAY_MINUTES = 24 * 60
_DAY = timedelta(days=1)
_NIGHT = timedelta(hours=12)
"""The longest that something lasts which ends on a day that nobody stated."""
_LATEST_START = 2 * _DAY_MINUTES
_LATEST_END = 7 * _DAY_MINUTES
"""Minutes after the midnight of its start date that a session starts and ends at the latest: days of a conference."""


@remembered
def clock_minutes(value: Any) -> int | None:
    """Minutes after midnight of a time of day such as `07:30 pm` or `19:30`, 1440 of `24:00`; raises `Unreadable`."""
    text = values.text(value)
    if text is None:
        return None
    text = text.strip()
    if len(text) > _LONGEST:
        raise Unreadable("no time of day like 07:30 pm")
    text = with_usual_spaces(text)
    for spelling in CLOCKS:
        if match := spelling.match(text):
            return _minutes_said(match.groupdict())
    said = moment_of(text)
    if said is None or said.clock is None or said.zone is not None:
        raise Unreadable("no time of day like 07:30 pm")
    return said.clock.hour * 60 + said.clock.minute


def _minutes_said(said: Mapping[str, str | None]) -> int:
    if said.get("midnight"):
        return 0
    if said.get("noon"):
        return _DAY_MINUTES // 2
    hour = int(said.get("hour") or said.get("french") or 0)
    minute = int(said.get("minute") or said.get("minutes") or 0)
    try:
        minutes = hour_of_day(hour, said.get("half")) * 60 + minute
    except ValueError as error:
        raise Unreadable("no time of day like 07:30 pm") from error
    if minute > 59 or minutes > _DAY_MINUTES:
        raise Unreadable("no time of day like 07:30 pm")
    return minutes


def minutes_after_midnight(clock: Any, minutes: Any, latest: int = _LATEST_START) -> int | None:
    """Minutes after the midnight of a day, from the text of a time of day and from the feed's own minutes.

    The minutes serve where the text is blank or cannot be read, and where they say the next day: 1440 and more. None
    without either; raises `Unreadable` where the only ones there are cannot be read, as no minutes beyond `latest` can.
    """
    counted = readable(_counted, minutes, latest)
    if counted is not None and counted >= _DAY_MINUTES:
        return counted
    said = clock_minutes(clock) if counted is None else readable(clock_minutes, clock)
    return _counted(minutes, latest) if said is None else said


def _counted(minutes: Any, latest: int) -> int | None:
    counted = values.integer(minutes)
    if counted is not None and not 0 <= counted <= latest:
        raise Unreadable(f"no minutes from 0 to {latest}")
    return counted


@remembered
def session_start(start_date: Any, clock: Any, minutes: Any, venue: str | None = None) -> datetime | None:
    """The zoneless start of a session, from its date and its time of day or minutes; raises `Unreadable`.

    `venue` is the zone of the venue, for a date that is given as an instant.
    """
    day = timestamps.day(start_date, venue)
    if day is None:
        return None
    after_midnight = minutes_after_midnight(clock, minutes)
    return None if after_midnight is None else later(midnight(day), timedelta(minutes=after_midnight))


@remembered
def session_end(*cells: Any) -> datetime | None:
    """The zoneless end of a session, given the values of `START` and `END` and the zone of the venue.

    Raises `Unreadable`. An end date that cannot be read is none, which is noted for its own column.
    """
    start_date, start_clock, start_minutes, end_date, end_clock, end_minutes, venue = cells
    starts_on, ends_on = (readable(timestamps.day, day, venue) for day in (start_date, end_date))
    if starts_on is None and ends_on is None:
        for day in (start_date, end_date):
            timestamps.day(day, venue)  # raises where there is one that cannot be read
        return None
    minutes = minutes_after_midnight(end_clock, end_minutes, _LATEST_END)
    if minutes is None:
        return None
    end = _end_on(starts_on, ends_on, minutes)
    start = readable(session_start, start_date, start_clock, start_minutes, venue)
    return end if start is None or (ends_on or starts_on) != starts_on else within_a_night(end, start)


def session_start_instant(*cells: Any) -> datetime | None:
    """The UTC instant of `session_start`; None where that cannot be read, or without a zone of the venue.

    Raises `Unreadable` for an instant beyond the calendar.
    """
    return instants.instant_of(readable(session_start, *cells), cells[-1])


def session_end_instant(*cells: Any) -> datetime | None:
    """The UTC instant of `session_end`, as `session_start_instant`; where clocks skip the start it moves as that."""
    *start, _, _, _, venue = cells
    return instants.instant_after([readable(session_start, *start, venue)], readable(session_end, *cells), venue)


def _end_on(starts_on: date | None, ends_on: date | None, minutes: int) -> datetime:
    days, minutes = divmod(minutes, _DAY_MINUTES)
    first = starts_on or ends_on
    end = midnight(ends_on or starts_on or date.min)
    if first and end >= midnight(first):  # an end date before the start date stays as it is
        end = max(end, later(midnight(first), days * _DAY))
    return later(end, timedelta(minutes=minutes))


def within_a_night(end: datetime, start: datetime) -> datetime:
    """An end of which only the time of day is certain: on the first day on which it is not before the start.

    Only where that makes twelve hours or less; else as it is.
    """
    if end > start:
        return end
    moved = later(end, -((end - start) // _DAY) * _DAY)
    return moved if moved - start <= _NIGHT else end


def later(when: datetime, by: timedelta) -> datetime:
    """The sum; raises `Unreadable` beyond the calendar."""
    try:
        return when + by
    except OverflowError as error:
        raise Unreadable("beyond the calendar") from error


def midnight(day: date) -> datetime:
    """The midnight that a day begins with, local to the venue."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local to the venue, by its name
