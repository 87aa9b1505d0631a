"""Schedules: what Dagster starts by the clock, and whether it does so without being asked to."""

import dagster as dg

from planion_assets.config import ConfigError, load
from planion_assets.defs.automation.jobs import check_freshness
from planion_assets.defs.resources import PlanionResource


def status_by_default() -> dg.DefaultScheduleStatus:
    """Stopped where PLANION_SANDBOX asks for the sandbox, which nobody refreshes by the clock; else running.

    Read when the code location loads, which a mistake in the file must not prevent. With a mistake, or without a file,
    schedules run and each tick fails with what is wrong: a file that was lost must not stop them in silence.
    """
    try:
        real = not load().uses_sandbox_content
    except ConfigError:
        real = True
    return dg.DefaultScheduleStatus.RUNNING if real else dg.DefaultScheduleStatus.STOPPED


@dg.schedule(
    name="freshness",
    job=check_freshness,
    # Every 15 minutes, as the feed changes; half-way between the refreshes of the quarter hours.
    cron_schedule="7-59/15 * * * *",
    default_status=status_by_default(),
    description="Checks every quarter of an hour how fresh all conferences are and whether they are read.",
)
def freshness_schedule(planion: PlanionResource) -> dg.RunRequest:
    """Request one run of the checks. Raises ConfigError: the tick fails, in red."""
    planion.settings()
    return dg.RunRequest()
