"""From times to instants: those of a venue in its zone, and the feed's own timestamps. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from planion_assets.tables.fields import timestamps
from planion_assets.tables.fields.values import Unreadable

Local = Callable[[Mapping[str, Any], str | None], datetime | None]
"""Reads a zoneless time of a record, given the zone of the venue."""


def feed_instant(value: Any, zone: str) -> datetime | None:
    """The UTC instant of a timestamp; one that names no zone is read in the zone of the feed's clock."""
    read = timestamps.timestamp(value)
    return read if read and read.tzinfo else instant_of(read, zone)


def instant_of(local: datetime | None, zone: str | None) -> datetime | None:
    """The UTC instant of a venue time; None where no zone is configured.

    In the hour that is repeated when clocks go back it is the first of the two; a time that is skipped when clocks go
    forward is read with the offset from before, which moves it past the gap (PEP 495, `fold=0`).
    """
    if local is None or zone is None:
        return None
    if zone == "UTC":  # as the feed's clock is, unless set: in a quarter of the time
        return local.replace(tzinfo=UTC)
    return timestamps.in_zone(local.replace(tzinfo=ZoneInfo(zone)), UTC)


def instant_after(starts: Iterable[datetime | None], local: datetime | None, zone: str | None) -> datetime | None:
    """The UTC instant of what goes on from some starts: from one that clocks skip it moves as that does.

    The first of them that clocks skip counts: a session moves with all that is in it.
    """
    if local is None or zone is None:
        return None
    skipped = next((start for start in starts if start and _is_skipped(start, ZoneInfo(zone))), None)
    begins = instant_of(skipped, zone)
    return begins + (local - skipped) if begins and skipped else instant_of(local, zone)


def start_where_readable(start: Local, record: Mapping[str, Any], zone: str | None) -> datetime | None:
    """The instant of a record's start; None where it cannot be read, which is noted for its own column.

    Raises `Unreadable` for one beyond the calendar.
    """
    return instant_of(readable(start, record, zone), zone) if zone else None


def end_where_readable(start: Local, end: Local, record: Mapping[str, Any], zone: str | None) -> datetime | None:
    """The instant of a record's end, as `start_where_readable`."""
    return instant_after([readable(start, record, zone)], readable(end, record, zone), zone) if zone else None


def readable(local: Local, record: Mapping[str, Any], zone: str | None) -> datetime | None:
    """A local time of a record; None where it cannot be read, which is noted for its own column."""
    try:
        return local(record, zone)
    except Unreadable:
        return None


def _is_skipped(local: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone skip a time: read with the offset from before it is at another than from after."""
    before, after = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return before is not None and after is not None and before < after
