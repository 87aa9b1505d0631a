"""The job that the sensor and `planion refresh` run: read conferences, report what changed.

It is an op, which yields events of the assets (docs/decisions/op-instead-of-asset-job.md).
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import dagster as dg
from pydantic import Field

from planion_assets.config import Config, ConfigError
from planion_assets.defs.automation.run_tags import JOB, SHARE, tag_conference
from planion_assets.defs.events.policy import EventPolicy, unplanned_event_policy
from planion_assets.defs.events.refresh_run import (
    ConferenceEvent,
    RefreshConfig,
    RefreshTask,
    parsed_keys,
    report_refresh,
)
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.stores import store_of

_OP = "refresh_conferences"


class RefreshActiveConfig(RefreshConfig):
    """Which of the configured conferences a run reads: without config those that are active."""

    ended_too: bool = Field(default=False, description="true to read the conferences that are over as well.")
    accounts: list[str] = Field(
        default=[],
        description="Read the conferences of just these accounts: the share of one of several runs.",
    )
    conferences: list[str] = Field(
        default=[],
        description="Read just these, written ACCOUNT|CONFERENCE, in place of the active ones: over or not. One that "
        "is not in planion.yaml fails, and the others are read.",
    )


def refresh_active_job(names: Names) -> dg.JobDefinition:
    """The job, of one op."""

    @dg.op(
        name=names.name(_OP),
        out={},
        required_resource_keys={names.resource_key},
        pool=names.feed_pool,
        description="Read conferences from the feed and report those whose content or tables changed.",
    )
    def _refresh_conferences(context: dg.OpExecutionContext, config: RefreshActiveConfig) -> Iterator[ConferenceEvent]:
        """Refresh the conferences that `config` names, or the active ones; fail at the end, naming failures."""
        yield from _refreshed(context, config, getattr(context.resources, names.resource_key), names)

    return dg.GraphDefinition(
        name=names.name("refresh_active"),
        node_defs=[_refresh_conferences],
        description="Read the active conferences from the feed, or those that its config names, and report those that "
        "changed. The sensor refresh_active_conferences and the command `planion refresh` run it.",
    ).to_job(executor_def=dg.in_process_executor, tags={JOB: "refresh_active"})


def run_config(names: Names, **config: Any) -> dict[str, Any]:
    """The run configuration with those fields of `RefreshActiveConfig`."""
    return {"ops": {names.name(_OP): {"config": config}}}


def _refreshed(
    context: dg.OpExecutionContext, config: RefreshActiveConfig, planion: PlanionResource, names: Names
) -> Iterator[ConferenceEvent]:
    try:
        settings = planion.settings()
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    if config.conferences:
        named, unusable = parsed_keys(config.conferences, settings)
        keys = [key for key in settings.keys() if key in named]
    else:
        keys, unusable = list(_active(context, settings, config)), {}
    is_single = len(keys) == 1 and not unusable
    task = RefreshTask(
        names=names,
        keys=keys,
        unusable=unusable,
        selected=names.tables,
        event_policy=partial(_registered, context, settings, keys, names, is_single=is_single),
        allow_shrink=config.allow_shrink,
        allowing_run=partial(_allowing_run, names),
        rerun=lambda conferences: run_config(names, conferences=list(conferences)),
    )
    yield from report_refresh(context, planion, task)


def _allowing_run(names: Names, key: ConferenceKey) -> str:
    """Which run of this job would let that conference shrink, and no other."""
    config = run_config(names, allow_shrink=True, conferences=[str(key)])
    return f"a run of the job {names.name('refresh_active')} with the config {json.dumps(config)}"


def _registered(
    context: dg.OpExecutionContext, settings: Config, keys: Sequence[ConferenceKey], names: Names, *, is_single: bool
) -> EventPolicy:
    """What to report, after Dagster knows which conferences there are and which the run is about."""
    if is_single:
        tag_conference(context.instance, context.run, keys[0])
    context.instance.add_dynamic_partitions(names.partitions_name, [str(key) for key in settings.keys()])
    tables = [declared.name for declared in names.tables]
    return unplanned_event_policy(context.instance, names, tables, [str(key) for key in keys])


def _active(context: dg.OpExecutionContext, settings: Config, config: RefreshActiveConfig) -> Sequence[ConferenceKey]:
    if config.accounts:
        context.log.info(f"share {context.run.tags.get(SHARE, 'by hand')}: accounts {', '.join(config.accounts)}")
    wanted = [key for key in settings.keys() if not config.accounts or key.account in config.accounts]
    if config.ended_too:
        return wanted
    # Imported here: a code location loads without pyarrow, which only a run needs.
    from planion_assets.freshness.survey import active

    keys = active(settings, store_of(settings), wanted, datetime.now(UTC))
    context.log.info(f"{len(wanted) - len(keys)} conferences are over and are read once a day")
    return keys
