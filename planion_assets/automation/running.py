"""The runs that refresh: by which tags and jobs they are known, and whether one is under way."""

from datetime import UTC, datetime, timedelta

import dagster as dg

SCHEDULED = "planion/scheduled"
"""The tag of a run that the schedule launched: `active`, or `all` when it reads those that are over too."""
SCHEDULED_AT = "planion/scheduled_at"
"""The tag with the instant of its tick (ISO 8601, UTC)."""
REFRESH_JOBS = ("refresh", "refresh_active")
_UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)


def unfinished_refresh(instance: dg.DagsterInstance, patience: timedelta, now: datetime) -> str | None:
    """In words, which refresh is queued or running; None where none is.

    A process that was killed leaves a run that is running for ever in Dagster's eyes. One that is not queued and has
    noted nothing for `patience` is taken for that and does not count.
    """
    for name in REFRESH_JOBS:
        for record in instance.get_run_records(dg.RunsFilter(job_name=name, statuses=list(_UNFINISHED))):
            run = record.dagster_run
            if run.status == dg.DagsterRunStatus.QUEUED or now - _last_event(instance, record) < patience:
                since = record.create_timestamp.replace(tzinfo=UTC)
                return (
                    f"Run {run.run_id} of {name} is {run.status.value.lower()} since {since:%Y-%m-%d %H:%M} UTC: two "
                    "refreshes at once would only wait for the same feed. If it hangs, terminate it."
                )
    return None


def _last_event(instance: dg.DagsterInstance, record: dg.RunRecord) -> datetime:
    """When a run last noted anything; the instant of its creation where it has not yet."""
    events = instance.get_records_for_run(record.dagster_run.run_id, limit=1, ascending=False).records
    if events:
        return datetime.fromtimestamp(events[0].timestamp, UTC)
    return record.create_timestamp.replace(tzinfo=UTC)
