"""The schedule of the overview, and whether anything runs by the clock without being asked to."""

import dagster as dg

from planion_assets.config import ConfigError
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource


def runs_by_default(planion: PlanionResource) -> bool:
    """Whether schedules and sensors run unless somebody stops them: not in the sandbox, which needs no refresh.

    Read when the code location loads, which a mistake in the file must not prevent. With a mistake, or without a file,
    they run and each tick fails with what is wrong: a file that was lost must not stop them in silence.
    """
    try:
        return not planion.read_settings().uses_sandbox_content
    except ConfigError:
        return True


def check_freshness_schedule(names: Names, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    """The schedule of the job `check_freshness`."""

    @dg.schedule(
        name=names.name("freshness"),
        job_name=names.name("check_freshness"),
        # Every 15 minutes, as the feed changes; half-way between the refreshes of the quarter hours.
        cron_schedule="7-59/15 * * * *",
        default_status=status,
        required_resource_keys={names.resource_key},
        description="Checks every quarter of an hour how fresh all conferences are and whether they are read.",
    )
    def _schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        """Request one run of the checks. Raises ConfigError: the tick fails, in red."""
        getattr(context.resources, names.resource_key).settings()
        return dg.RunRequest()

    return _schedule
