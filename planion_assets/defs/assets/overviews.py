"""The assets of all conferences together: small tables without partitions, one file each."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from planion_assets.config import ConfigError
from planion_assets.defs.assets.specs import spec_of
from planion_assets.defs.checks.freshness import freshness_check_specs, freshness_results
from planion_assets.defs.dagster_internals import evaluation_target
from planion_assets.defs.file_metadata import file_metadata
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource
from planion_assets.freshness.verdicts import Level, State
from planion_assets.storage.atomic_write import refusal
from planion_assets.tables.catalog import OVERVIEWS
from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets.tables.model import TableSpec

if TYPE_CHECKING:
    from planion_assets.freshness.overview import Overview
    from planion_assets.freshness.survey import Surveyed
    from planion_assets.storage.store import Store


def overviews(names: Names) -> dg.AssetsDefinition:
    """The multi-asset of the tables and the freshness checks, which can be run without the tables."""

    @dg.multi_asset(
        name=names.name("overviews"),
        specs=[spec_of(declared, names) for declared in OVERVIEWS],
        check_specs=freshness_check_specs(names),
        can_subset=True,
        required_resource_keys={names.resource_key},
    )
    def _overviews(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        """Survey the stored tables once, for the tables and the checks."""
        planion = getattr(context.resources, names.resource_key)
        selected = [table for table in OVERVIEWS if names.asset_key(table.name) in context.selected_asset_keys]
        found, store = _overview(planion, selected)
        for table, metadata in _written(store, found, selected).items():
            yield dg.MaterializeResult(asset_key=names.asset_key(table), metadata=metadata)
        for result in freshness_results(found.surveyed, names, found.now):
            if names.check_key(CONFERENCE_STATUS.name, str(result.check_name)) in context.selected_asset_check_keys:
                yield result

    return _overviews


def overview_events(
    instance: dg.DagsterInstance, planion: PlanionResource, names: Names
) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    """The same as events of a refresh, so that the tables and the checks are in step with what it reports."""
    found, store = _overview(planion, OVERVIEWS)
    for table, metadata in _written(store, found, OVERVIEWS).items():
        yield dg.AssetMaterialization(names.asset_key(table), metadata=metadata)
    key = names.asset_key(CONFERENCE_STATUS.name)
    # Read after that event is stored: the results name it as what they are about.
    latest = next(iter(instance.fetch_materializations(key, limit=1).records), None)
    for result in freshness_results(found.surveyed, names, found.now):
        yield dg.AssetCheckEvaluation(
            asset_key=key,
            check_name=str(result.check_name),
            passed=result.passed,
            severity=result.severity,
            description=result.description,
            metadata=result.metadata,
            target_materialization_data=evaluation_target(latest),
        )


def write_overviews(context: dg.AssetExecutionContext | dg.OpExecutionContext, planion: PlanionResource) -> None:
    """Write the files without an event, after a refresh that reports nothing."""
    from planion_assets.freshness.overview import write

    found, store = _overview(planion, OVERVIEWS)
    try:
        write(store, found)
    except OSError as error:  # no reason to fail a refresh that found everything stored
        context.log.warning(f"the tables of all conferences could not be written: {refusal(error)}")


def _overview(planion: PlanionResource, tables: Collection[TableSpec]) -> "tuple[Overview, Store]":
    """An overview of all conferences at this moment, and the store. Raises `dg.Failure`."""
    # Imported here: a code location loads without pyarrow, which only a run needs.
    from planion_assets.freshness.overview import overview

    try:
        store = planion.writable_store()
        return overview(planion.settings(), store, datetime.now(UTC), tables), store
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


def _written(store: "Store", found: "Overview", tables: Collection[TableSpec]) -> dict[str, dict[str, Any]]:
    """Write those tables. Returns the metadata of each by its name. Raises OSError."""
    from planion_assets.freshness.overview import write

    metadata: dict[str, dict[str, Any]] = {}
    for table, footer in write(store, found, tables).items():
        more = _status_metadata(found.surveyed, found.now) if table == CONFERENCE_STATUS.name else {}
        metadata[table] = {**more, "dagster/row_count": footer.rows, **file_metadata(footer.address, footer.size)}
    return metadata


def _status_metadata(surveyed: "Sequence[Surveyed]", now: datetime) -> dict[str, Any]:
    """The metadata of `conference_status`. Numbers are totals, which the UI plots."""
    from planion_assets.defs.rendering.heat_strip import heat_strip
    from planion_assets.defs.rendering.timeline import bars, timeline, to_look_at
    from planion_assets.freshness import rows

    levels = [rows.level(one) for one in surveyed]
    return {
        "freshness_of_all": dg.MetadataValue.md(heat_strip(surveyed, now)),
        "to_look_at": dg.MetadataValue.md(to_look_at(surveyed)),
        "errors": levels.count(Level.ERROR),
        "warnings": levels.count(Level.WARN),
        "oldest": dg.MetadataValue.md(bars(surveyed, now)),
        "timeline": dg.MetadataValue.md(timeline(surveyed, now)),
        "over": sum(one.freshness.state is State.OVER for one in surveyed),
        "sessions": sum(one.facts.sessions or 0 for one in surveyed),
        "links": sum(one.facts.links or 0 for one in surveyed),
    }
