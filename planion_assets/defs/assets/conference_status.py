"""The asset `conference_status`: one small table over all conferences, for people without Dagster too."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from planion_assets.config import ConfigError
from planion_assets.defs.assets.specs import metadata_of
from planion_assets.defs.checks.freshness import freshness_check_specs, freshness_results
from planion_assets.defs.dagster_internals import evaluation_target
from planion_assets.defs.file_metadata import file_metadata
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource
from planion_assets.tables.conference_status import CONFERENCE_STATUS

if TYPE_CHECKING:
    from planion_assets.freshness.survey import Surveyed
    from planion_assets.storage.store import Store


def conference_status(names: Names) -> dg.AssetsDefinition:
    """The asset, without partitions: one file over all conferences. Its checks can be run without it."""
    spec = dg.AssetSpec(
        key=names.asset_key(CONFERENCE_STATUS.name),
        description=f"{CONFERENCE_STATUS.description}\n\nOne Parquet file, `conference_status.parquet`.",
        metadata=metadata_of(CONFERENCE_STATUS, names),
        skippable=True,
        group_name=names.group_name,
        owners=list(names.owners),
        tags=dict(names.tags),
        kinds={"python", "parquet"},
        code_version=CONFERENCE_STATUS.fingerprint,
    )

    @dg.multi_asset(
        name=names.name("conference_status"),
        specs=[spec.with_io_manager_key(names.io_manager_key)],
        check_specs=freshness_check_specs(names),
        can_subset=True,
        required_resource_keys={names.resource_key},
    )
    def _conference_status(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        """Survey the disk once, for the table and the checks."""
        surveyed, now, store = survey_of(getattr(context.resources, names.resource_key))
        if context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=spec.key, metadata=write_status(store, surveyed, now))
        for result in freshness_results(surveyed, names, now):
            if names.check_key(CONFERENCE_STATUS.name, str(result.check_name)) in context.selected_asset_check_keys:
                yield result

    return _conference_status


def status_events(
    instance: dg.DagsterInstance, planion: PlanionResource, names: Names
) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    """The same as events of another run: so the table and the checks are in step with what a refresh reports."""
    surveyed, now, store = survey_of(planion)
    key = names.asset_key(CONFERENCE_STATUS.name)
    yield dg.AssetMaterialization(key, metadata=write_status(store, surveyed, now))
    # After that event, which the results name as what they are about.
    latest = instance.fetch_materializations(key, limit=1).records
    for result in freshness_results(surveyed, names, now):
        yield dg.AssetCheckEvaluation(
            asset_key=key,
            check_name=str(result.check_name),
            passed=result.passed,
            severity=result.severity,
            description=result.description,
            metadata=result.metadata,
            target_materialization_data=evaluation_target(latest[0]) if latest else None,
        )


def survey_of(planion: PlanionResource) -> "tuple[list[Surveyed], datetime, Store]":
    """What is known of every conference at this moment, and the store it is in. Raises `dg.Failure`."""
    # Imported here: a code location loads without pyarrow, which only a run needs.
    from planion_assets.freshness.survey import survey

    now = datetime.now(UTC)
    try:
        store = planion.writable_store()
        return survey(planion.settings(), store, now), now, store
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


def write_status(store: "Store", surveyed: "list[Surveyed]", now: datetime) -> dict[str, Any]:
    """Write the table; gives what there is to show of it: numbers are totals, which the UI plots. Raises OSError."""
    from planion_assets.defs.rendering.timeline import bars, timeline, to_look_at
    from planion_assets.freshness import rows
    from planion_assets.freshness.verdicts import Level, State

    footer = rows.write(store, surveyed, now)
    levels = [rows.level(one) for one in surveyed]
    return {
        "to_look_at": dg.MetadataValue.md(to_look_at(surveyed)),
        "errors": levels.count(Level.ERROR),
        "warnings": levels.count(Level.WARN),
        "oldest": dg.MetadataValue.md(bars(surveyed, now)),
        "timeline": dg.MetadataValue.md(timeline(surveyed, now)),
        "dagster/row_count": footer.rows,
        "over": sum(one.freshness.state is State.OVER for one in surveyed),
        "sessions": sum(one.facts.sessions or 0 for one in surveyed),
        "links": sum(one.facts.links or 0 for one in surveyed),
        **file_metadata(footer.address, footer.size),
    }
