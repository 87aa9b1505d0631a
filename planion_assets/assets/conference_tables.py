"""The one multi-asset that makes every table of the catalog for the conferences of a run."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from planion_assets.assets.specs import SPECS
from planion_assets.config import ConfigError
from planion_assets.keys import ConferenceKey
from planion_assets.partitions import conferences
from planion_assets.resources import PlanionResource
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Table

if TYPE_CHECKING:
    from planion_assets.refresh import Failed


@dg.multi_asset(
    name="conference_tables",
    specs=SPECS,
    partitions_def=conferences,
    can_subset=True,
    # A backfill of a thousand conferences is one run, not a thousand starts of a process.
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def conference_tables(
    context: dg.AssetExecutionContext, planion: PlanionResource
) -> Iterator[dg.AssetMaterialization | dg.MaterializeResult[Any]]:
    """Refresh each conference of the run and report each of its tables; fail at the end, naming those that failed."""
    # Imported here: a code location loads without pyarrow and requests, which only a run needs.
    from planion_assets.assets.metadata import materialization, result
    from planion_assets.refresh import Failed, refresh

    keys = [ConferenceKey.parse(key) for key in context.partition_keys]
    _tag_run(context, keys)
    selected = [table for table in TABLES if dg.AssetKey(table.name) in context.selected_asset_keys]
    try:
        store = planion.store()
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    failures: list[Failed] = []
    for outcome in refresh(keys, selected, store, planion.client, planion.zones):
        if isinstance(outcome, Failed):
            context.log.error(f"{outcome.key} failed: {outcome.reason}")
            failures.append(outcome)
            continue
        context.log.info(f"{outcome.key}: {outcome.content.digest[:12]} in {outcome.seconds:.1f} s")
        for stored in outcome.tables:
            if len(keys) == 1:
                yield result(outcome, stored)
            else:
                yield materialization(outcome, stored, _pointers(context, stored.table, outcome.key))
    if failures:
        raise _failure(failures, len(keys))


def _failure(failures: "list[Failed]", total: int) -> dg.Failure:
    lines = [f"{failed.key}: {failed.reason}" for failed in failures]
    return dg.Failure(
        f"{len(failures)} of {total} conferences failed:\n" + "\n".join(lines),
        metadata={str(failed.key): failed.reason for failed in failures},
        allow_retries=False,
    )


def _pointers(context: dg.AssetExecutionContext, table: Table, key: ConferenceKey) -> dict[str, int]:
    """The storage id of the latest materialization of each upstream table of a conference."""
    pointers: dict[str, int] = {}
    for upstream in table.upstream:
        latest = dg.AssetRecordsFilter(asset_key=dg.AssetKey(upstream), asset_partitions=[str(key)])
        for record in context.instance.fetch_materializations(latest, limit=1).records:
            pointers[upstream] = record.storage_id
    return pointers


def _tag_run(context: dg.AssetExecutionContext, keys: list[ConferenceKey]) -> None:
    """Tag a run that is about one conference, however it was launched, so that runs can be found by it."""
    if len(keys) == 1:
        tags = {"planion/account": keys[0].account, "planion/conference": keys[0].conference}
        context.instance.add_run_tags(context.run.run_id, tags)
