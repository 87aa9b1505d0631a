"""The job that a schedule runs every few minutes: read all active conferences, report what changed.

An op, not a selection of assets: Dagster notes for every asset of a run over a range of partitions that it is planned,
for each partition, twice; with a hundred conferences that is megabytes for a run that finds nothing (docs/design.md,
Runs). The events of the conferences that changed are those of the assets all the same.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from planion_assets.assets.conference_tables import ConferenceEvent, Task, refreshed
from planion_assets.assets.emission import unplanned_emission
from planion_assets.assets.held_open import held_open
from planion_assets.config import ConfigError
from planion_assets.keys import ConferenceKey
from planion_assets.partitions import conferences
from planion_assets.resources import PlanionResource
from planion_assets.tables.catalog import ASSETS


class Which(dg.Config):
    """Which of the configured conferences a run reads."""

    ended_too: bool = False


@dg.op(out={}, description="Read conferences from the feed and report those whose content or tables changed.")
def refresh_conferences(
    context: dg.OpExecutionContext, config: Which, planion: PlanionResource
) -> Iterator[ConferenceEvent]:
    """Refresh the active conferences, with `ended_too` all that are configured; fail at the end, naming failures."""
    keys = _chosen(context, planion, ended_too=config.ended_too)
    partitions = [str(key) for key in keys]
    context.instance.add_dynamic_partitions(str(conferences.name), partitions)
    assets = [dg.AssetKey(declared.name) for declared in ASSETS]
    with held_open(context.instance, context.run.run_id):
        decision = unplanned_emission(context.instance, assets, partitions)
        yield from refreshed(context, planion, Task(keys=keys, selected=ASSETS, emission=decision))


def _chosen(context: dg.OpExecutionContext, planion: PlanionResource, *, ended_too: bool) -> tuple[ConferenceKey, ...]:
    # Imported here: a code location loads without pyarrow, which only a run needs.
    from planion_assets.automation.active import choose

    try:
        settings, store = planion.settings(), planion.store()
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    if ended_too:
        return settings.keys()
    choice = choose(settings, store, datetime.now(UTC))
    context.log.info(f"{len(choice.over)} conferences are over and are read once a day")
    return choice.active


refresh_active = dg.GraphDefinition(
    name="refresh_active",
    node_defs=[refresh_conferences],
    description="Read the active conferences from the feed and report those that changed. "
    "The schedule refresh_active_conferences runs it.",
).to_job(executor_def=dg.in_process_executor)
