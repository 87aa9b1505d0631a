"""When a conference is over. Pure: the instant is an argument."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# The last place on earth where a day ends: without a zone, a venue could be there.
_WESTERNMOST = timedelta(hours=12)


def end_of(last_time: datetime | None, active_until: date | None, zone: str | None) -> datetime | None:
    """The instant (UTC) at which a conference is over: after its last session, or after `active_until` if earlier.

    `last_time` is the latest time of any of its sessions, local to the venue and zoneless; `zone` is the venue's IANA
    zone. Without a zone it is over when it is over everywhere on earth. None where neither time is known.
    """
    ends = [] if last_time is None else [_instant(last_time, zone)]
    if active_until is not None:
        ends.append(_instant(datetime.combine(active_until, time.max), zone))
    return min(ends, default=None)


def _instant(local: datetime, zone: str | None) -> datetime:
    try:
        if zone is None:
            return local.replace(tzinfo=UTC) + _WESTERNMOST
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:  # the last day of the calendar
        return local.replace(tzinfo=UTC)
