"""The schedules that request a run each time."""

import dagster as dg

from planion_assets.defs.names import Names


def check_freshness_schedule(names: Names, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    """The schedule of the job `check_freshness`."""
    said = "Checks every quarter of an hour how fresh all conferences are and whether they are read."
    # Every 15 minutes, as the feed changes; half-way between the refreshes of the quarter hours.
    return _schedule_of(names, "freshness", "check_freshness", "7-59/15 * * * *", status, said)


def prune_schedule(names: Names, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    """The schedule of the job `prune`."""
    said = "Deletes what Dagster noted of runs older than `keep_runs` of planion.yaml, once a day."
    return _schedule_of(names, "prune_old_runs", "prune", "23 3 * * *", status, said)


def _schedule_of(  # noqa: PLR0917 - all of it names the schedule
    names: Names, name: str, job: str, cron: str, status: dg.DefaultScheduleStatus, description: str
) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=names.name(name),
        job_name=names.name(job),
        cron_schedule=cron,
        default_status=status,
        required_resource_keys={names.resource_key},
        description=description,
    )
    def _schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        """Request one run. Raises ConfigError: the tick fails, in red."""
        getattr(context.resources, names.resource_key).settings()
        return dg.RunRequest()

    return _schedule
