"""Which project a run belongs to: several may share one Dagster instance, with jobs of the same names.

A run is known by the repository that it was launched from, which Dagster notes of runs of the UI, schedules and
backfills, and by two tags of this project, which the runs of `planion refresh` have as well.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from planion_assets.config import Config
from planion_assets.defs.dagster_internals import (
    REPOSITORY_TAG,
    job_tags,
    last_event_at,
    repository_of,
    tag_run,
)
from planion_assets.defs.names import Names
from planion_assets.keys import ConferenceKey

# The tags of runs. The UI shows none that begins with `.dagster/`.
JOB = "planion/job"  # of the jobs that refresh: the job's name; another project's job of that name lacks it
DATA = ".dagster/planion_data"  # of a run that refreshes, once it has begun: a digest of the path of its data folder
COMMAND = ".dagster/planion_command"  # of a run of `planion refresh`, which no launcher of a code location started
SCHEDULED = "planion/scheduled"  # of a run that the sensor requested: `active`, or `all` with those that are over
SCHEDULED_AT = ".dagster/planion_scheduled_at"  # the instant at which it was due (ISO 8601, UTC)
ACCOUNT = (
    "planion/account"  # of a run over one conference, or over a share of the accounts: several with commas between
)
SHARE = "planion/share"  # which share of a refresh a run is: `2 of 4`
COUNTS = ".dagster/planion_counts"  # of a share that has ended: JSON of how many were unchanged, changed, failed
_UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)


def refresh_jobs(names: Names) -> tuple[str, ...]:
    """The names of the jobs that refresh conferences."""
    return names.name("refresh"), names.name("refresh_active")


def own_jobs(names: Names) -> tuple[str, ...]:
    """The names of all jobs."""
    return (*refresh_jobs(names), *map(names.name, ("check_freshness", "prune", "verify")))


def data_tag(settings: Config) -> dict[str, str]:
    """The tag that says where is written to. A digest, since a path may hold any bytes.

    An address is one of its endpoint: buckets of two stores may have one name.
    """
    data = settings.data
    where = os.fsencode(data.resolve()) if isinstance(data, Path) else f"{settings.storage.endpoint} {data}".encode()
    return {DATA: hashlib.sha256(where).hexdigest()[:16]}


def tag_conference(instance: dg.DagsterInstance, run: dg.DagsterRun, key: ConferenceKey) -> None:
    """Tag a run that is about one conference, however it was launched, so that runs can be found by it."""
    tag_run(instance, run.run_id, {ACCOUNT: key.account, "planion/conference": key.conference})


def own_runs(
    instance: dg.DagsterInstance,
    settings: Config,
    names: Names,
    repository: str | None,
    *,
    limit: int | None = None,
    **wanted: Any,
) -> list[dg.RunRecord]:
    """This project's runs that match `dg.RunsFilter(**wanted)`, the latest first.

    Those that were launched from `repository`, and those of `planion refresh` that write to the same data folder. Of
    either kind only runs of this project's jobs, or of its assets alone. `limit` is how many of either kind are read.
    """
    jobs, data = own_jobs(names), data_tag(settings)
    found: dict[str, dg.RunRecord] = {}
    for tags in (data, *([{REPOSITORY_TAG: repository}] if repository else [])):
        for record in instance.get_run_records(dg.RunsFilter(tags=tags, **wanted), limit=limit):
            run = record.dagster_run
            of_command = COMMAND in run.tags or repository_of(run) is None
            launched = run.tags.get(DATA) == data[DATA] if of_command else repository_of(run) == repository
            selected = {check.asset_key for check in run.asset_check_selection or ()} | set(run.asset_selection or ())
            if launched and (run.job_name in jobs or (selected and selected <= names.asset_keys.keys())):
                found[run.run_id] = record
    return sorted(found.values(), key=lambda record: record.create_timestamp, reverse=True)


def unfinished_runs(
    instance: dg.DagsterInstance, settings: Config, patience: timedelta, now: datetime, jobs: Sequence[str]
) -> Iterator[tuple[dg.DagsterRun, str]]:
    """The runs of these jobs, for the same data folder, that are queued or running, each with words for it.

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
        if run.tags.get(DATA, ours) != ours or JOB not in job_tags(instance, run):
            continue
        last = record.create_timestamp
        if run.status != dg.DagsterRunStatus.QUEUED and last < now - patience:
            # The log of a young run is not looked at: on SQLite it is a database that the run itself is about to make.
            last = last_event_at(instance, run.run_id) or last
        if run.status == dg.DagsterRunStatus.QUEUED or now - last < patience:
            state = f"{run.status.value.lower()} since {record.create_timestamp:%Y-%m-%d %H:%M} UTC"
            waiting = "two at once would only wait for each other. If it hangs, terminate it."
            yield run, f"Run {run.run_id} of {run.job_name} is {state}: {waiting}"


def accounts_of(run: dg.DagsterRun) -> frozenset[str] | None:
    """The accounts that a run was launched for; None where only the run itself can say."""
    if named := run.tags.get(ACCOUNT):
        return frozenset(named.split(","))
    partition = run.tags.get("dagster/partition")
    if partition and "|" in partition:
        return frozenset([partition.partition("|")[0]])
    return None
