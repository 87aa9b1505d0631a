"""Schedules: what Dagster starts by the clock, and whether it does so without being asked to."""

import dagster as dg

from planion_assets.automation.jobs import check_freshness
from planion_assets.config import ConfigError, load


def status_by_default() -> dg.DefaultScheduleStatus:
    """Running where a real feed is configured, stopped in the sandbox, which nobody refreshes by the clock.

    Read when the code location loads, which a mistake in the file must not prevent: whoever wrote one wants a real
    feed, and each run then says what is wrong.
    """
    try:
        real = not load().uses_sandbox_content
    except ConfigError:
        real = True
    return dg.DefaultScheduleStatus.RUNNING if real else dg.DefaultScheduleStatus.STOPPED


freshness_schedule = dg.ScheduleDefinition(
    name="freshness",
    job=check_freshness,
    # Every 15 minutes, as the feed changes; half-way between the refreshes of the quarter hours.
    cron_schedule="7-59/15 * * * *",
    default_status=status_by_default(),
    description="Checks every quarter of an hour how fresh all conferences are and whether they are read.",
)
