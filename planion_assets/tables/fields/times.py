"""Venue times: from the feed's date and time texts to local timestamps, and from those to instants.

The feed's times are local to the venue and name no zone (feed-facts.md, Items). Pure.
"""

import functools
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from planion_assets.tables.fields import timestamps, values
from planion_assets.tables.fields.timestamps import hour_of_day, with_usual_spaces
from planion_assets.tables.fields.values import Unreadable

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:[.,][0-9]+)?)? ?(?:([ap])\.? ?(?:m\.?)?)?", re.IGNORECASE)
_LONGEST = 40  # characters of a time of day
_DAY_MINUTES = 24 * 60


def clock_minutes(value: Any) -> int | None:
    """Minutes after midnight of a time of day such as `07:30 pm` or `19:30`; raises `Unreadable`."""
    text = values.text(value)
    if text is None:
        return None
    text = text.strip()
    if len(text) > _LONGEST:
        raise Unreadable("no time of day like 07:30 pm")
    return _minutes(text)


@functools.lru_cache(maxsize=256)  # sessions begin and end at the same times
def _minutes(text: str) -> int:
    match = _CLOCK.fullmatch(with_usual_spaces(text))
    if not match:
        raise Unreadable("no time of day like 07:30 pm")
    try:
        clock = time(hour_of_day(int(match[1]), match[3]), int(match[2]))
    except ValueError as error:
        raise Unreadable("no time of day like 07:30 pm") from error
    return clock.hour * 60 + clock.minute


def local_time(day: Any, clock: Any, minutes: Any) -> datetime | None:
    """A zoneless timestamp from the text of a date and of a time of day, or from minutes after midnight.

    The minutes serve where the text is blank or cannot be read. None without a date or without either time; raises
    `Unreadable` where the only values there are cannot be read.
    """
    when = timestamps.day(day)
    if when is None:
        return None
    try:
        after_midnight = clock_minutes(clock)
    except Unreadable:
        after_midnight = values.integer(minutes)
        if after_midnight is None:
            raise
    else:
        if after_midnight is None:
            after_midnight = values.integer(minutes)
    if after_midnight is None:
        return None
    if not 0 <= after_midnight <= 2 * _DAY_MINUTES:
        raise Unreadable("no minutes of a day or the night after it")
    return _later(_midnight(when), timedelta(minutes=after_midnight))


def session_start(record: Mapping[str, Any]) -> datetime | None:
    """The zoneless start of a session's record, from its date and time or minutes."""
    return local_time(record.get("startDate"), record.get("startTime"), record.get("rstartmins"))


def session_end(record: Mapping[str, Any]) -> datetime | None:
    """The zoneless end of a session's record: on the next day if not after the start, without an end date."""
    try:
        start = session_start(record)
    except Unreadable:
        start = None
    days = record.get("startDate"), record.get("endDate")
    return local_end(start, *days, record.get("endTime"), record.get("rendmins"))


def feed_instant(value: Any, zone: str) -> datetime | None:
    """The UTC instant of a timestamp; one that names no zone is read in the zone of the feed's clock."""
    read = timestamps.timestamp(value)
    return read if read and read.tzinfo else instant_of(read, zone)


def local_end(start: datetime | None, start_day: Any, end_day: Any, clock: Any, minutes: Any) -> datetime | None:
    """The zoneless end of a session that starts at `start`.

    The end date where the feed states it, else the start date; an end at or before the start is then the next day.
    """
    if values.text(end_day) is not None:
        return local_time(end_day, clock, minutes)
    end = local_time(start_day, clock, minutes)
    if start is not None and end is not None and end <= start:
        return _later(end, timedelta(days=1))
    return end


def instant_where_readable(
    local: Callable[[Mapping[str, Any]], datetime | None], record: Mapping[str, Any], zone: str | None
) -> datetime | None:
    """The UTC instant of a record's venue time; None where it cannot be read, which is noted for its own column."""
    try:
        when = local(record)
    except Unreadable:
        return None
    return instant_of(when, zone)


def instant_of(local: datetime | None, zone: str | None) -> datetime | None:
    """The UTC instant of a venue time; None where no zone is configured.

    In the hour that is repeated when clocks go back it is the first of the two; a time that is skipped when clocks go
    forward is read with the offset from before, which moves it past the gap (PEP 495, `fold=0`).
    """
    if local is None or zone is None:
        return None
    try:
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError as error:
        raise Unreadable("beyond the calendar") from error


def _later(when: datetime, by: timedelta) -> datetime:
    try:
        return when + by
    except OverflowError as error:
        raise Unreadable("beyond the calendar") from error


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local to the venue, by its name
