"""A guess of the feed's time zone where its newest timestamp lies in the future. Pure: the instant is an argument."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

# One well-known zone for each offset where many people live, west to east.
_CANDIDATES = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Chicago",
    "America/New_York", "America/Halifax", "America/Sao_Paulo", "UTC", "Europe/Berlin", "Europe/Athens", "Asia/Dubai",
    "Asia/Karachi", "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
    "Pacific/Auckland", "Pacific/Tongatapu", "Pacific/Kiritimati",
)  # fmt: skip


def fitting_zone(newest: datetime, zone: str, now: datetime) -> str | None:
    """A guess: the westernmost zone in which `newest`, which was read in `zone`, is no later than `now`.

    None where it is later in every zone.
    """
    fitting = [
        (instant, -place, name)
        for place, name in enumerate(_CANDIDATES)
        if (instant := _reread(newest, zone, name)) is not None and instant <= now
    ]
    return max(fitting)[2] if fitting else None


def _reread(instant: datetime, zone: str, other: str) -> datetime | None:
    """The local time that `instant` had in `zone`, read in another zone; None beyond the calendar."""
    try:
        local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return local.replace(tzinfo=ZoneInfo(other)).astimezone(UTC)
    except OverflowError:
        return None
