"""From times to instants: those of a venue in its zone, and the feed's own timestamps. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from planion_assets.tables.fields import timestamps
from planion_assets.tables.fields.values import remembered


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
    return timestamps.in_zone(local.replace(tzinfo=ZoneInfo(zone)), UTC)


def instant_after(starts: Iterable[datetime | None], local: datetime | None, zone: str | None) -> datetime | None:
    """The UTC instant of a venue time that comes after some starts; where clocks skip a start it moves as far as that.

    The first skipped start counts: a session moves with all that is in it.
    """
    if local is None or zone is None:
        return None
    skipped = next((start for start in starts if start and _is_skipped(start, zone)), None)
    begins = instant_of(skipped, zone)
    return begins + (local - skipped) if begins and skipped else instant_of(local, zone)


@remembered
def _is_skipped(local: datetime, zone: str) -> bool:
    """Whether clocks in the zone skip a time: read with the offset from before it is at another than from after."""
    before, after = (local.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1))
    return before is not None and after is not None and before < after
