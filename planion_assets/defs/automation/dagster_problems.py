"""The problems that only Dagster knows: failed checks of a conference, and failed runs of which no conference tells."""

from collections.abc import Collection
from datetime import UTC, datetime

import dagster as dg

from planion_assets.config import Config
from planion_assets.defs.automation.run_tags import SCHEDULED_AT, SHARE, own_jobs, own_runs
from planion_assets.defs.checks import refreshed
from planion_assets.defs.dagster_internals import ASSET_JOB, latest_verdicts
from planion_assets.defs.events.failed_conferences import FAILED
from planion_assets.defs.names import Names
from planion_assets.freshness.alarms import Key, Problem, cause_of
from planion_assets.tables.quality.check_catalog import CHECKS
from planion_assets.tables.quality.model import Severity

_RUN = "run"
_ASSET_RUNS = 25  # of a repository, among which the last own one is looked for
_FAILED_RUNS = 10  # among which the last is looked for that names a conference
_ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE)
_STEP = dg.DagsterEventType.STEP_FAILURE


def failed_checks(
    instance: dg.DagsterInstance, names: Names, conferences: Collection[str]
) -> tuple[list[Problem], list[Key]]:
    """A problem for each check of severity ERROR that fails for one of these conferences.

    Also the keys of those that are to be evaluated again, because their tables were materialized since.
    """
    problems: list[Problem] = []
    outdated: list[Key] = []
    checks = {names.check_key(check.table, check.name): check for check in CHECKS if check.severity is Severity.ERROR}
    for verdict in latest_verdicts(instance, list(checks)):
        check, conference = checks[verdict.check], verdict.partition
        kind = f"check {check.name}"
        if verdict.passed or conference not in conferences:
            continue
        if verdict.passed is None:
            outdated.append((kind, conference))
            continue
        reason = (
            f"{check.finds} ({check.because.rstrip('.')}); the page of this check on the asset {check.table} shows them"
        )
        problems.append(Problem(kind, conference, reason, check.fingerprint, run=verdict.run_id))
    return problems, outdated


def failed_runs(
    instance: dg.DagsterInstance, settings: Config, names: Names, repository: str | None
) -> tuple[list[Problem], list[Key]]:
    """A problem for each own job whose last run failed for another reason than a conference's.

    Also the keys of jobs of which no run is found: theirs were pruned, or many runs of others are newer. A run that a
    person has started is reported once, since it need never be started again.
    """
    problems: list[Problem] = []
    unknown: list[Key] = []
    conferences = {str(key) for key in settings.keys()}
    for job in (*own_jobs(names), ASSET_JOB):
        limit = _ASSET_RUNS if job == ASSET_JOB else 1
        runs = own_runs(instance, settings, names, repository, limit=limit, job_name=job, statuses=_ENDED)
        if not runs:
            unknown.append((_RUN, job))
        last = _worst_share(instance, runs[0]) if runs else None
        if last is None or last.dagster_run.is_success:
            continue
        run = last.dagster_run
        named, others = reasons(instance, run.run_id)
        if FAILED in run.tags and not named:  # it only shows conferences as failed
            continue
        # Damage that a verification finds is in no note of a conference.
        reported = set() if job == names.name("verify") else conferences
        others += [f"{name}: {reason}" for name, reason in named.items() if name not in reported]
        # Whether the settings can be used now, this sensor has just seen.
        others = [reason for reason in others if not reason.startswith(f"{settings.source}: ")]
        if others:
            once = job in (ASSET_JOB, names.name("refresh"))
            reason = " | ".join(others)
            since = datetime.fromtimestamp(last.end_time or last.update_timestamp.timestamp(), UTC)
            problems.append(Problem(_RUN, job, reason, cause_of(reason), since=since, once=once, run=run.run_id))
    return problems, unknown


def _worst_share(instance: dg.DagsterInstance, last: dg.RunRecord) -> dg.RunRecord:
    """The run itself, or of a refresh in several runs one that failed, where any did."""
    tags = last.dagster_run.tags
    if SHARE not in tags or SCHEDULED_AT not in tags:
        return last
    failed = dg.RunsFilter(tags={SCHEDULED_AT: tags[SCHEDULED_AT]}, statuses=[dg.DagsterRunStatus.FAILURE])
    return next((one for one in instance.get_run_records(failed) if SHARE in one.dagster_run.tags), last)


def failed_run_of(
    instance: dg.DagsterInstance, settings: Config, names: Names, repository: str | None
) -> dict[str, str]:
    """The ID of the run that gave the verdict on each conference that fails, or that failed with it."""
    failed = own_runs(
        instance, settings, names, repository, limit=_FAILED_RUNS, statuses=(dg.DagsterRunStatus.FAILURE,)
    )
    check = names.check_key(refreshed.TABLE, refreshed.NAME)
    verdicts = latest_verdicts(instance, [check])
    found = {verdict.partition: verdict.run_id for verdict in verdicts if verdict.passed is False}
    for record in failed[:_FAILED_RUNS]:
        run_id = record.dagster_run.run_id
        for name in reasons(instance, run_id)[0]:
            found.setdefault(name, run_id)
    return found


def reasons(instance: dg.DagsterInstance, run_id: str) -> tuple[dict[str, str], list[str]]:
    """Why a run failed: a reason by conference, and what else failed."""
    conferences: dict[str, str] = {}
    others: list[str] = []
    for record in instance.get_records_for_run(run_id, of_type=_STEP).records:
        event = record.event_log_entry.dagster_event
        data = event.step_failure_data if event else None
        if data and data.user_failure_data and data.user_failure_data.metadata:
            conferences |= {name: str(value.value) for name, value in data.user_failure_data.metadata.items()}
        elif data and data.user_failure_data:
            others.append(str(data.user_failure_data.description))
        elif data and data.error:
            # The cause is what the code raised; the error is Dagster's, around it.
            others.append((data.error.cause or data.error).message.strip())
    if not conferences and not others:
        ended = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.RUN_FAILURE, limit=1).records
        messages = [str(event.message) for record in ended if (event := record.event_log_entry.dagster_event)]
        others += messages or ["no reason was noted; the run's log in Dagster may have one"]
    return conferences, others
