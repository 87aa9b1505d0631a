"""Conferences by the age of their content, as a survey finds them."""

from datetime import UTC, datetime, timedelta

from planion_assets.freshness.survey import Surveyed, judged
from planion_assets.freshness.verdicts import Facts, FreshnessLimits
from planion_assets.keys import ConferenceKey

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LIMITS = FreshnessLimits(warn=timedelta(hours=36), error=timedelta(days=14), refresh_interval=timedelta(minutes=15))


def surveyed(
    conference: str, hours: float | None, *, configured: bool = True, read: bool = True, over: bool = False
) -> Surveyed:
    """A conference that was updated so many hours before `NOW`, never for None."""
    newest = None if hours is None else NOW - timedelta(hours=hours)
    facts = Facts(
        ConferenceKey("AAA", conference),
        LIMITS if configured else None,
        1,
        1,
        newest,
        last_read=NOW if read else None,
        ends=NOW - timedelta(days=1) if over else None,
    )
    return judged(facts, NOW)
