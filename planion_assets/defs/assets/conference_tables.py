"""The multi-asset of all tables of a conference."""

import contextlib
import shlex
from collections.abc import Iterator
from functools import partial

import dagster as dg

from planion_assets.config import Config, ConfigError
from planion_assets.config.models import File
from planion_assets.defs.assets.specs import table_specs
from planion_assets.defs.automation.run_tags import tag_conference
from planion_assets.defs.checks.specs import check_specs
from planion_assets.defs.events.policy import event_policy
from planion_assets.defs.events.refresh_run import (
    ConferenceEvent,
    RefreshConfig,
    RefreshTask,
    parsed_keys,
    report_refresh,
)
from planion_assets.defs.names import STANDALONE, Names
from planion_assets.defs.resources import PlanionResource


def conference_tables(names: Names, backfill_policy: dg.BackfillPolicy) -> dg.AssetsDefinition:
    """The multi-asset: any of the tables, for any of the conferences."""

    @dg.multi_asset(
        name=names.name("conference_tables"),
        specs=table_specs(names),
        check_specs=check_specs(names),
        partitions_def=names.partitions,
        can_subset=True,
        required_resource_keys={names.resource_key},
        pool=names.feed_pool,
        backfill_policy=backfill_policy,
    )
    def _conference_tables(context: dg.AssetExecutionContext, config: RefreshConfig) -> Iterator[ConferenceEvent]:
        """Refresh each conference of the run and report what it made; fail at the end, naming those that failed."""
        planion = getattr(context.resources, names.resource_key)
        yield from report_refresh(context, planion, _task(context, config, planion, names))

    return _conference_tables


def backfill_policy(settings: Config | None) -> dg.BackfillPolicy:
    """One run for a backfill, or runs over as many conferences as `max_partitions_per_run` of the settings says.

    A backfill of a thousand conferences is one run, not a thousand starts of a process.
    """
    if settings and settings.max_partitions_per_run < File.model_fields["max_partitions_per_run"].default:
        return dg.BackfillPolicy.multi_run(settings.max_partitions_per_run)
    return dg.BackfillPolicy.single_run()


def _task(
    context: dg.AssetExecutionContext, config: RefreshConfig, planion: PlanionResource, names: Names
) -> RefreshTask:
    keys, failures = parsed_keys(context.partition_keys)  # anyone may add a partition in the UI
    single = len(context.partition_keys) == 1
    if single and keys:
        tag_conference(context.instance, context.run, keys[0])
    selected = {names.asset_keys[key] for key in context.selected_asset_keys}
    tables = [declared for declared in names.tables if declared.name in selected]
    with contextlib.suppress(ConfigError):  # `report_refresh` fails for settings that cannot be used
        settings = planion.settings()
        if any(not table.upstream for table in tables):  # those for which the feed is asked
            failures |= parsed_keys(map(str, keys), settings)[1]
        failures = {name: f"{reason}; {_remedy(name, settings, names)}" for name, reason in failures.items()}
    return RefreshTask(
        names=names,
        keys=[key for key in keys if str(key) not in failures],
        unusable=failures,
        selected=tables,
        planned_checks=context.selected_asset_check_keys,
        event_policy=partial(event_policy, context, names),
        single=single,
        allow_shrink=config.allow_shrink,
    )


def _remedy(partition: str, settings: Config, names: Names) -> str:
    """How to delete a partition: the command as a shell takes it, whatever the partition is called."""
    words = ["planion", "forget"]
    if settings.uses_sandbox_content:
        words.append("--sandbox")
    if names.partitions_name != STANDALONE.partitions_name:
        words += ["--partitions", names.partitions_name]
    words += ["--", partition] if partition.startswith("-") else [partition]
    return f"or delete the partition, with what is stored of it: `{shlex.join(words)}`"
