"""What deletes what Dagster noted of old runs, with their events, logs and files: the job and its schedule.

Ticks are Dagster's own matter: `retention` in the instance's dagster.yaml.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from planion_assets.automation.running import REFRESH_JOBS, SCHEDULED
from planion_assets.config import Config, ConfigError, duration_text
from planion_assets.resources import PlanionResource

QUIET_FOR = timedelta(days=1)
"""How long a scheduled run is kept that found nothing new: there are 96 of them on a quiet day."""
FRESHNESS_FOR = timedelta(days=7)
"""How long a run of `check_freshness` is kept that went well: there are 96 of them every day."""
_FRESHNESS = "check_freshness"
_PAGE = 200
_JOBS = (*REFRESH_JOBS, _FRESHNESS, "prune")
_REPOSITORY = ".dagster/repository"  # Dagster's tag on a run that was launched from a code location


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many runs were deleted for their age, how many younger ones that told little, how many as old
    stay."""

    old: int
    quiet: int
    kept: int


@dg.op(description="Delete the runs of this code location that are older than `keep_runs`.")
def delete_old_runs(context: dg.OpExecutionContext, planion: PlanionResource) -> None:
    """Prune, and note what was deleted."""
    try:
        settings = planion.settings()
    except ConfigError as error:
        raise dg.Failure(f"Without a configuration nothing is deleted. {error}", allow_retries=False) from None
    pruned = prune_runs(context.instance, settings, context.run, datetime.now(UTC))
    context.log.info(
        f"{pruned.old} runs older than {duration_text(settings.keep_runs)} deleted, {pruned.quiet} younger ones that "
        f"told little; {pruned.kept} old runs stay, which hold the newest materialization of a table"
    )


def prune_runs(instance: dg.DagsterInstance, settings: Config, pruning: dg.DagsterRun, now: datetime) -> Pruned:
    """Delete old runs of the code location of the run `pruning`, and sooner those that found nothing new."""
    before = now - settings.keep_runs
    # The schedule reads the tags of its last run: that one has to be there.
    keep_quiet = min(settings.keep_runs, max(QUIET_FOR, 2 * settings.refresh_interval))
    keep_freshness = min(settings.keep_runs, FRESHNESS_FOR)
    old = {run.run_id for run in _older(instance, before) if _is_ours(run, pruning)}
    holding = holding_newest(instance, now - keep_freshness)
    needed = old & holding
    well = [run for run in _older(instance, now - keep_quiet) if run.is_success and _is_ours(run, pruning)]
    frequent = {run.run_id for run in well if _is_quiet(instance, run)}
    stale = _older(instance, now - keep_freshness)
    frequent |= {run.run_id for run in stale if run.is_success and run.job_name == _FRESHNESS} - holding
    quiet = frequent - old
    doomed = sorted((old - needed) | quiet)
    for run_id in doomed:
        delete_run(instance, run_id)
    _delete_verdicts(instance, doomed)
    return Pruned(len(old - needed), len(quiet), len(needed))


def holding_newest(instance: dg.DagsterInstance, before: datetime) -> set[str]:
    """The runs that hold the newest materialization of an asset's partition, of those not materialized since `before`.

    With such a run Dagster would forget that the partition was ever made, and at which version.
    """
    runs: set[str] = set()
    for key in instance.get_asset_keys():
        for partition in _partitions(instance, key, before):
            wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[partition] if partition else None)
            runs |= {record.run_id for record in instance.fetch_materializations(wanted, limit=1).records}
    return runs


def delete_run(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete a run with all that was stored for it."""
    instance.delete_run(run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    # On SQLite every run has an event log of its own, which Dagster empties and leaves behind.
    Path(instance.root_directory, "history", "runs", f"{run_id}.db").unlink(missing_ok=True)


def _delete_verdicts(instance: dg.DagsterInstance, run_ids: Sequence[str]) -> None:
    """Delete the results of checks that those runs noted, but for the newest of each check and partition.

    Dagster keeps them for ever and has no call for it: with a dozen checks they are most of what a year leaves.
    """
    # Imported here: a code location loads without SQLAlchemy, which an instance brings.
    from sqlalchemy import text

    connect = getattr(instance.event_log_storage, "index_connection", None)
    if connect is None:  # a storage that is no SQL database
        return
    newest = "SELECT MAX(id) FROM asset_check_executions GROUP BY asset_key, check_name, partition"
    delete = text(f"DELETE FROM asset_check_executions WHERE run_id = :run_id AND id NOT IN ({newest})")  # noqa: S608
    with connect() as connection:
        for run_id in run_ids:
            connection.execute(delete, {"run_id": run_id})


def _partitions(instance: dg.DagsterInstance, key: dg.AssetKey, before: datetime) -> set[str | None]:
    """The partitions of an asset that were materialized before an instant; None for one without partitions."""
    found: set[str | None] = set()
    wanted = dg.AssetRecordsFilter(asset_key=key, before_timestamp=before.timestamp())
    cursor = None
    while True:
        page = instance.fetch_materializations(wanted, limit=_PAGE, cursor=cursor)
        found |= {record.partition_key for record in page.records}
        if not page.has_more:
            return found
        cursor = page.cursor


def _older(instance: dg.DagsterInstance, before: datetime) -> list[dg.DagsterRun]:
    """The runs without any change of status since an instant; also those that died without one."""
    # All before the first is deleted: pages go on from a run, which must still be there.
    return [record.dagster_run for record in instance.get_run_records(dg.RunsFilter(updated_before=before))]


def _is_quiet(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run is a scheduled refresh that found nothing new."""
    if SCHEDULED not in run.tags:
        return False
    made = dg.DagsterEventType.ASSET_MATERIALIZATION
    return not instance.get_records_for_run(run.run_id, of_type=made, limit=1).records


def _is_ours(run: dg.DagsterRun, pruning: dg.DagsterRun) -> bool:
    """Whether a run belongs to the code location of the pruning run; other projects may share the instance."""
    repository = run.tags.get(_REPOSITORY)
    return run.job_name in _JOBS if repository is None else repository == pruning.tags.get(_REPOSITORY)


prune = dg.GraphDefinition(
    name="prune",
    node_defs=[delete_old_runs],
    description="Delete what Dagster noted of runs older than `keep_runs` of planion.yaml.",
).to_job(executor_def=dg.in_process_executor)


prune_old_runs = dg.ScheduleDefinition(
    name="prune_old_runs",
    job=prune,
    cron_schedule="23 3 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Deletes what Dagster noted of runs older than `keep_runs` of planion.yaml, once a day.",
)
