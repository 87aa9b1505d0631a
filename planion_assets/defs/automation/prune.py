"""The job `prune`: delete old runs from Dagster with their events, logs and files.

Ticks are Dagster's own matter: `retention` in the instance's dagster.yaml.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from planion_assets.config import Config, ConfigError, duration_text
from planion_assets.defs.automation.jobs import request_schedule
from planion_assets.defs.automation.run_tags import SCHEDULED, own_runs
from planion_assets.defs.dagster_internals import (
    delete_check_results,
    delete_run_files,
    has_materializations,
    in_parts,
    latest_storage_ids,
    repository_of,
)
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource

# How long runs are kept that are younger than `keep_runs`, of which there are up to 96 a day.
QUIET_FOR = timedelta(days=1)  # a scheduled refresh that found nothing new
FRESHNESS_FOR = timedelta(days=7)  # a run of `check_freshness` that went well


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many runs were deleted for their age, how many younger ones that found nothing new, how many old stay."""

    old: int
    quiet: int
    remaining: int


def prune_job(names: Names) -> dg.JobDefinition:
    """The job, of one op."""

    @dg.op(
        name=names.name("delete_old_runs"),
        required_resource_keys={names.resource_key},
        description="Delete the runs of this code location that are older than `keep_runs`.",
    )
    def _delete_old_runs(context: dg.OpExecutionContext) -> None:
        planion: PlanionResource = getattr(context.resources, names.resource_key)
        try:
            settings = planion.settings()
        except ConfigError as error:
            raise dg.Failure(f"Without a configuration nothing is deleted. {error}", allow_retries=False) from None
        pruned = prune_runs(context.instance, settings, names, context.run, datetime.now(UTC))
        context.log.info(
            f"{pruned.old} runs older than {duration_text(settings.keep_runs)} deleted, {pruned.quiet} younger ones "
            f"that told little; {pruned.remaining} old runs stay, which hold the newest materialization of a table"
        )

    return dg.GraphDefinition(
        name=names.name("prune"),
        node_defs=[_delete_old_runs],
        description="Delete what Dagster noted of runs older than `keep_runs` of planion.yaml.",
    ).to_job(executor_def=dg.in_process_executor)


def prune_schedule(names: Names) -> dg.ScheduleDefinition:
    """The schedule of the job, which runs unless somebody stops it."""
    description = "Deletes what Dagster noted of runs older than `keep_runs` of planion.yaml, once a day."
    return request_schedule(
        names, "prune_old_runs", "prune", "23 3 * * *", dg.DefaultScheduleStatus.RUNNING, description
    )


def prune_runs(
    instance: dg.DagsterInstance, settings: Config, names: Names, pruning: dg.DagsterRun, now: datetime
) -> Pruned:
    """Delete old runs of the project of the run `pruning`, and sooner those that found nothing new."""
    before = now - settings.keep_runs
    # The sensor reads the tags of its last run, so that one stays.
    quiet_before = now - min(settings.keep_runs, max(QUIET_FOR, 2 * settings.refresh_interval))
    freshness_before = now - min(settings.keep_runs, FRESHNESS_FOR)
    holding = holding_newest(instance, names.asset_keys, freshness_before)
    # All are asked for before the first is deleted: a page of runs begins after one that must still be there.
    before_all = max(quiet_before, freshness_before)
    runs = own_runs(instance, settings, names, repository_of(pruning), updated_before=before_all)
    old, frequent = set(), set()
    for record in runs:
        run, updated = record.dagster_run, record.update_timestamp
        if updated < before:
            old.add(run.run_id)
        elif not run.is_success:
            continue
        elif run.job_name == names.name("check_freshness"):
            frequent |= {run.run_id} - holding if updated < freshness_before else set()
        elif updated < quiet_before and SCHEDULED in run.tags and not has_materializations(instance, run.run_id):
            frequent.add(run.run_id)
    deleted = sorted((old - holding) | frequent)
    for run_id in deleted:
        instance.delete_run(run_id)
        delete_run_files(instance, run_id)
    delete_check_results(instance, names.asset_keys, deleted)
    return Pruned(len(old - holding), len(frequent), len(old & holding))


def holding_newest(instance: dg.DagsterInstance, assets: Iterable[dg.AssetKey], before: datetime) -> set[str]:
    """The runs with the newest materialization of an own asset's partition that was not made since `before`.

    With such a run Dagster would forget that the partition was ever made, and at which version. Asks four times for
    each asset, however many partitions and runs there are.
    """
    runs: set[str] = set()
    for key in assets:
        older = dg.AssetRecordsFilter(asset_key=key, before_timestamp=before.timestamp())
        last_before = instance.fetch_materializations(older, limit=1).records
        if not last_before:
            continue
        # Of an asset without partitions, this is all there is.
        runs |= {record.run_id for record in instance.fetch_materializations(key, limit=1).records}
        newest = latest_storage_ids(instance, key)
        wanted = [number for number in newest.values() if number <= last_before[0].storage_id]
        for numbers in in_parts(wanted):
            these = dg.AssetRecordsFilter(asset_key=key, storage_ids=numbers)
            runs |= {record.run_id for record in instance.fetch_materializations(these, limit=len(numbers)).records}
    return runs
