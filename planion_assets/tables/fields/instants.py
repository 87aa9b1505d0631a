"""From times to instants: those of a venue in its zone, and the feed's own timestamps. Pure."""

from collections.abc import Callable, Mapping
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
    try:
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError as error:
        raise Unreadable("beyond the calendar") from error


def end_instant(start: datetime | None, end: datetime | None, zone: str | None) -> datetime | None:
    """The UTC instant of an end. That of a start which clocks skip moves as the start does, by the skipped hour."""
    if start is None or end is None or zone is None or not _is_skipped(start, ZoneInfo(zone)):
        return instant_of(end, zone)
    begins = instant_of(start, zone)
    return begins and begins + (end - start)


def start_where_readable(start: Local, record: Mapping[str, Any], zone: str | None) -> datetime | None:
    """The instant of a record's start; None where it cannot be read, which is noted for its own column.

    Raises `Unreadable` for one beyond the calendar.
    """
    return instant_of(_readable(start, record, zone), zone) if zone else None


def end_where_readable(start: Local, end: Local, record: Mapping[str, Any], zone: str | None) -> datetime | None:
    """The instant of a record's end, as `start_where_readable`."""
    return end_instant(_readable(start, record, zone), _readable(end, record, zone), zone) if zone else None


def _readable(local: Local, record: Mapping[str, Any], zone: str | None) -> datetime | None:
    try:
        return local(record, zone)
    except Unreadable:
        return None


def _is_skipped(local: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone skip a time: read with the offset from before it is at another than from after."""
    before, after = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return before is not None and after is not None and before < after
