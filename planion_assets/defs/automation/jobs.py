"""The jobs that select assets, and schedules that request a run each time."""

from typing import Any

import dagster as dg

from planion_assets.defs.automation.run_tags import JOB
from planion_assets.defs.names import Names
from planion_assets.tables.conference_status import CONFERENCE_STATUS


def refresh_job(names: Names) -> Any:
    """The job of the assets of conferences.

    Its selection is without the checks, which are evaluated where they are due all the same. A planned check costs a
    row per conference and run, which names every conference of the run, and is shown as skipped where it is not due.
    """
    return dg.define_asset_job(
        names.name("refresh"),
        selection=dg.AssetSelection.assets(*(names.asset_key(table.name) for table in names.tables)).without_checks(),
        description="Read the conferences of the run from the feed and bring all their tables up to date.",
        tags={JOB: "refresh"},
        executor_def=dg.in_process_executor,
    )


def check_freshness_job(names: Names) -> Any:
    """The job of what is known of all conferences together."""
    return dg.define_asset_job(
        names.name("check_freshness"),
        selection=dg.AssetSelection.assets(names.asset_key(CONFERENCE_STATUS.name)),
        description="Say of all conferences how fresh they are and when they were read, from the footers of their "
        "files.",
        tags={JOB: "check_freshness"},
        executor_def=dg.in_process_executor,
    )


def check_freshness_schedule(names: Names, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    """The schedule of the job `check_freshness`."""
    description = "Checks every quarter of an hour how fresh all conferences are and whether they are read."
    # Every 15 minutes, as the feed changes; half-way between the refreshes of the quarter hours.
    return request_schedule(names, "freshness", "check_freshness", "7-59/15 * * * *", status, description)


def request_schedule(  # noqa: PLR0917 - all of it names the schedule
    names: Names, name: str, job: str, cron: str, status: dg.DefaultScheduleStatus, description: str
) -> dg.ScheduleDefinition:
    """A schedule that requests a run of a job at each tick, and whose tick fails where the settings cannot be used."""

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
