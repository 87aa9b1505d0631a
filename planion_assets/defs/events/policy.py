"""Which assets of a conference a run reports: all, or only those that Dagster does not know as they are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dagster as dg

from planion_assets.defs.dagster_internals import BACKFILL_TAG, latest_data_versions, planned_partitions
from planion_assets.defs.names import Names

if TYPE_CHECKING:
    from planion_assets.refresh.outcomes import Refreshed

SKIP_UNCHANGED = "planion/skip_unchanged"
"""Tag of a run: with the value `true` it reports only what Dagster does not know yet.

A run without it reports every asset it was asked for, as a person who presses Materialize expects.
"""

NO_CONTENT = "nothing"
"""The version of a table that a conference does not have. It is no digest, so a table that comes later differs."""
_RAW = "raw_sessions"  # planned by every run that reads the feed


@dataclass(frozen=True, slots=True)
class EventPolicy:
    """The policy of one run. `known` has the version of each asset that Dagster knows, by table and partition.

    `planned` is whether Dagster planned the partitions of this run. `failed` holds those that Dagster shows as
    failed until they are reported again: a run before this one planned them and failed or was killed.
    """

    skips: bool = False
    planned: bool = True
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    failed: Collection[str] = ()

    def split(self, refreshed: "Refreshed") -> tuple[set[str], set[str]]:
        """The names of a conference's assets: those to report, and those that Dagster knows as they are."""
        key, now = str(refreshed.key), versions(refreshed)
        if not self.skips or key in self.failed:
            return set(now), set()
        needed = {name for name, version in now.items() if self.known.get(name, {}).get(key) != version}
        needed |= {stored.table.name for stored in refreshed.tables if stored.written}
        return needed, set(now) - needed


def versions(refreshed: "Refreshed") -> dict[str, str]:
    """The data version of each asset of a conference. That of a table is the digest of the snapshot it shows."""
    found = {stored.table.name: stored.content.digest for stored in refreshed.tables}
    found |= {absent.table.name: NO_CONTENT for absent in refreshed.skipped}
    return found | {name: latest.version for name, latest in refreshed.histories.items()}


def event_policy(context: dg.AssetExecutionContext, names: Names) -> EventPolicy:
    """What to report in this run; asks the instance once per asset, not once per partition."""
    # A backfill wants every partition it has asked for.
    if context.run.tags.get(SKIP_UNCHANGED) != "true" or BACKFILL_TAG in context.run.tags:
        return EventPolicy()
    keys = list(context.partition_keys)
    tables = [names.asset_keys[key] for key in context.selected_asset_keys]
    known = _known(context.instance, names, tables, keys)
    return EventPolicy(skips=True, known=known, failed=_failed(context, names, keys))


def unplanned_event_policy(
    instance: dg.DagsterInstance, names: Names, tables: Collection[str], keys: Sequence[str]
) -> EventPolicy:
    """What to report in a run that planned nothing: what Dagster does not know, and what it shows as failed."""
    if not keys:
        return EventPolicy(skips=True, planned=False)
    statuses = instance.get_status_by_partition(names.asset_key(_RAW), keys, names.partitions)
    failed = {key for key, status in (statuses or {}).items() if status and status.value == "FAILED"}
    return EventPolicy(skips=True, planned=False, known=_known(instance, names, tables, keys), failed=failed)


def _known(
    instance: dg.DagsterInstance, names: Names, tables: Collection[str], keys: Sequence[str]
) -> dict[str, dict[str, str]]:
    return {table: latest_data_versions(instance, names.asset_key(table), keys) for table in tables}


def _failed(context: dg.AssetExecutionContext, names: Names, keys: Sequence[str]) -> set[str]:
    """The partitions that no other run seems to have planned, or whose last one did not succeed.

    Looks as far back as one run over all of them. A partition that is not found there is reported, which is right too.
    """
    raw = names.asset_key(_RAW)
    asset = raw if raw in context.selected_asset_keys else next(iter(context.selected_asset_keys))
    last: dict[str, str] = {}
    for key, run_id in planned_partitions(context.instance, asset, keys, limit=2 * len(keys)):
        if run_id != context.run.run_id:
            last.setdefault(key, run_id)
    succeeded: set[str] = set()
    if last:
        wanted = dg.RunsFilter(run_ids=sorted(set(last.values())), statuses=[dg.DagsterRunStatus.SUCCESS])
        succeeded = {record.dagster_run.run_id for record in context.instance.get_run_records(wanted)}
    return {key for key in keys if last.get(key) not in succeeded}
