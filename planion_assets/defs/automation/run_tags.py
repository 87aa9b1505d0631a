"""Whose run it is: several projects may note their runs in one Dagster instance, with jobs of the same names.

A run is known by the repository that it was launched from, which Dagster notes of runs of the UI, schedules and
backfills, and by two tags of this project, which the runs of `planion refresh` have as well. Belongs here: those tags,
and which runs are this project's. Does not belong here: what is done with them (prune.py, running.py).
"""

import hashlib
import os
from datetime import datetime

import dagster as dg

from planion_assets.config import Config
from planion_assets.defs.names import Names

JOB = "planion/job"
"""The tag of the jobs that refresh, with the job's name: another project's job of that name lacks it."""
DATA = "planion/data"
"""The tag of a run that refreshes, once it has begun: a digest of the path of the data folder that it writes to."""
REPOSITORY = ".dagster/repository"
"""Where Dagster's storage finds the runs of a repository. A run that is read back does not have it among its tags."""
_REFRESH_JOBS = ("refresh", "refresh_active")
_JOBS = (*_REFRESH_JOBS, "check_freshness", "prune", "verify")
_DIGITS = 16


def refresh_jobs(names: Names) -> tuple[str, ...]:
    """The names of the jobs that refresh conferences."""
    return tuple(map(names.name, _REFRESH_JOBS))


def own_jobs(names: Names) -> tuple[str, ...]:
    """The names of all jobs."""
    return tuple(map(names.name, _JOBS))


def data_tag(settings: Config) -> dict[str, str]:
    """The tag that says which data folder is written to. A digest, since a path may hold any bytes."""
    return {DATA: hashlib.sha256(os.fsencode(settings.data.resolve())).hexdigest()[:_DIGITS]}


def repository_of(run: dg.DagsterRun) -> str | None:
    """The repository and code location that a run was launched from; None for one that ran in its caller's process."""
    return run.remote_job_origin.repository_origin.get_label() if run.remote_job_origin else None


def is_own_job(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether the job that a run runs is one of this project's that refresh, wherever it was launched."""
    return bool(run.job_snapshot_id) and JOB in instance.get_job_snapshot(str(run.job_snapshot_id)).tags


def own_runs(
    instance: dg.DagsterInstance, settings: Config, names: Names, repository: str | None, before: datetime
) -> list[dg.RunRecord]:
    """This project's runs without any change of status since an instant, also those that died without one.

    Those that were launched from `repository`, and those of `planion refresh`: they were launched from nowhere and
    write to the same data folder. Of either kind only runs of this project's jobs, or of its assets alone.
    """
    jobs = own_jobs(names)
    found: dict[str, dg.RunRecord] = {}
    for tags in ({REPOSITORY: repository} if repository else {}, data_tag(settings)):
        for record in instance.get_run_records(dg.RunsFilter(tags=tags, updated_before=before)) if tags else ():
            run = record.dagster_run
            if repository_of(run) in (None, repository) and (run.job_name in jobs or _all_own(run, names)):
                found[run.run_id] = record
    return list(found.values())


def _all_own(run: dg.DagsterRun, names: Names) -> bool:
    """Whether a run was asked for some of this project's assets or their checks, and for nothing else."""
    checked = {check.asset_key for check in run.asset_check_selection or ()}
    asked = checked | set(run.asset_selection or ())
    return bool(asked) and asked <= set(names.asset_keys)
