"""The runs that refresh: by which tags those of the schedule are known, and whether one is under way."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from planion_assets.config import Config
from planion_assets.defs.automation.run_tags import DATA, data_tag, is_own_job

SCHEDULED = "planion/scheduled"
"""The tag of a run that the schedule launched: `active`, or `all` when it reads those that are over too."""
SCHEDULED_AT = "planion/scheduled_at"
"""The tag with the instant of its tick (ISO 8601, UTC)."""
_UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)


def unfinished_run(
    instance: dg.DagsterInstance,
    settings: Config,
    patience: timedelta,
    now: datetime,
    jobs: Sequence[str],
) -> str | None:
    """In words, which run of these jobs, for the same data folder, is queued or running; None for none.

    One that has not begun does not say yet which folder it is about, and counts: the queue is the instance's. A
    process that was killed leaves a run that is running for ever in Dagster's eyes. One that is not queued and has
    noted nothing for `patience` is taken for that and does not count.
    """
    ours = data_tag(settings)[DATA]
    records = [
        record
        for name in jobs
        for record in instance.get_run_records(dg.RunsFilter(job_name=name, statuses=list(_UNFINISHED)))
    ]
    for record in records:
        run = record.dagster_run
        if run.tags.get(DATA, ours) != ours or not is_own_job(instance, run):
            continue
        if run.status == dg.DagsterRunStatus.QUEUED or now - _last_event(instance, record, now - patience) < patience:
            return (
                f"Run {run.run_id} of {run.job_name} is {run.status.value.lower()} since "
                f"{record.create_timestamp:%Y-%m-%d %H:%M} UTC: two at once would only wait for "
                "each other. If it hangs, terminate it."
            )
    return None


def _last_event(instance: dg.DagsterInstance, record: dg.RunRecord, enough: datetime) -> datetime:
    """When a run last noted anything, or of one that was created after `enough` that instant.

    The log of a young run is not looked at: on SQLite it is a database that the run itself is about to make.
    """
    created = record.create_timestamp
    if created < enough:
        for event in instance.get_records_for_run(record.dagster_run.run_id, limit=1, ascending=False).records:
            return datetime.fromtimestamp(event.timestamp, UTC)
    return created
