"""Running the project's assets in a test, and looking at what a run did."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import dagster as dg
import pytest

from planion_assets.definitions import defs
from planion_assets.defs.checks.current_verdicts import current_verdicts
from planion_assets.defs.checks.evaluate import judge
from planion_assets.defs.names import Names
from planion_assets.defs.partitions import conferences
from planion_assets.tables.catalog import ASSETS, OVERVIEWS, assets_of
from planion_assets.tables.model import PUBLISHED, TableSpec
from planion_assets.tables.quality.check_catalog import CHECKS

ALL = tuple(declared.name for declared in ASSETS)
_OVERVIEWS = {declared.name for declared in OVERVIEWS}
# What most tests need: every further table costs an event, of which a run stores some twenty a second.
CORE = ("raw_sessions", "sessions", "session_speakers")
SMALL, EMPTY, SINGLE, OTHER = "AAA|AM2036", "AAA|AM2037", "TOS|WS2027", "TOS|OW2026"


def schedule(name: str) -> dg.ScheduleDefinition:
    """The schedule of that name in the code location."""
    return defs.get_repository_def().get_schedule_def(name)


def sensor(name: str) -> dg.SensorDefinition:
    """The sensor of that name in the code location."""
    return defs.get_repository_def().get_sensor_def(name)


def evaluate(definition: dg.ScheduleDefinition, context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """What a tick of a schedule asks for. Raises what it raised."""
    try:
        data = definition.evaluate_tick(context)
    except dg.DagsterUserCodeExecutionError as error:
        raise error.user_exception from None
    return data.run_requests[0] if data.run_requests else dg.SkipReason(data.skip_message)


def look(definition: dg.SensorDefinition, context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """What a look of a sensor asks for. Raises what it raised."""
    try:
        data = definition.evaluate_tick(context)
    except dg.DagsterUserCodeExecutionError as error:
        raise error.user_exception from None
    if data.dynamic_partitions_requests:
        return dg.SensorResult(dynamic_partitions_requests=data.dynamic_partitions_requests)
    return dg.SkipReason(data.skip_message)


@contextlib.contextmanager
def refreshing(names: Sequence[str] = CORE) -> Iterator[None]:
    """Limit the jobs that refresh conferences to these tables, for tests that are not about all of them."""

    def tables(self: Names) -> tuple[TableSpec, ...]:
        return tuple(declared for declared in assets_of(self.endpoints) if declared.name in names)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Names, "tables", property(tables))
        patch.setattr(Names, "asset_keys", property(vars(Names)["asset_keys"].func))  # which would remember them
        yield


@contextlib.contextmanager
def only_checks(*names: str) -> Iterator[None]:
    """Let runs give verdicts of these checks alone: each is an event."""
    few = [check for check in CHECKS if check.name in names]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planion_assets.defs.checks.evaluate.judge", partial(judge, checks=few))
        patch.setattr("planion_assets.defs.events.refresh_run.current_verdicts", partial(current_verdicts, checks=few))
        yield


@contextlib.contextmanager
def only_tables() -> Iterator[None]:
    """Let runs report only the tables, without verdicts and overviews: a third of what a run over a few costs."""
    with only_checks(), pytest.MonkeyPatch.context() as patch:
        for name in ("overview_events", "write_overviews"):
            patch.setattr(f"planion_assets.defs.events.refresh_run.{name}", lambda *_: ())
        yield


def run(
    instance: dg.DagsterInstance,
    keys: Sequence[str],
    *,
    select: Sequence[str] = CORE,
    checks: bool = False,
    definitions: dg.Definitions = defs,
    run_config: dict[str, Any] | None = None,
    more_tags: Mapping[str, str] = MappingProxyType({}),
) -> dg.ExecuteInProcessResult:
    """Run the selected assets for a range of keys, or one key, as the UI would but for `more_tags`.

    With `checks` they are planned too, for an event or two each; verdicts on what was written come without it as well.
    """
    instance.add_dynamic_partitions(str(conferences.name), list(keys))
    tags = {"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[-1]}
    if len(keys) == 1:
        tags = {"dagster/partition": keys[0]}
    wanted = frozenset(select), checks
    return (_job_of_defs(*wanted) if definitions is defs else _job(definitions, *wanted)).execute_in_process(
        instance=instance,
        tags={**tags, **more_tags},
        run_config=run_config,
        raise_on_error=False,
    )


def _job(definitions: dg.Definitions, select: frozenset[str], checks: bool) -> dg.JobDefinition:
    """The job of those assets, with their checks or without."""
    job = definitions.resolve_implicit_global_asset_job_def()
    assets = {dg.AssetKey.from_user_string(name) for name in select}
    return job.get_subset(asset_selection=assets, asset_check_selection=None if checks else set())


@cache
def _job_of_defs(select: frozenset[str], checks: bool) -> dg.JobDefinition:
    return _job(defs, select, checks)


def materializations(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str | None], dg.AssetMaterialization]:
    """The materializations of a run by (asset, partition); without the overviews, which any news brings along."""
    found: dict[tuple[str, str | None], dg.AssetMaterialization] = {}
    for event in result.get_asset_materialization_events():
        materialization = event.materialization
        if materialization.partition is None and materialization.asset_key.path[-1] in _OVERVIEWS:
            continue
        place = (materialization.asset_key.to_user_string(), materialization.partition)
        assert place not in found, f"{place} was materialized twice in one run"
        found[place] = materialization
    return found


def failure(result: dg.ExecuteInProcessResult) -> tuple[str, dict[str, Any]]:
    """The description and metadata of the Failure that ended a run."""
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data.user_failure_data
            assert data is not None, event.step_failure_data.error
            return str(data.description), {name: value.value for name, value in data.metadata.items()}
    raise AssertionError("the run did not fail in a step")


def files(root: Path) -> dict[str, tuple[int, bytes]]:
    """The inode and the bytes of every file of a conference's tables; not of locks, notes and overviews."""
    of_all = (root, root / PUBLISHED)
    return {
        str(path.relative_to(root)): (path.stat().st_ino, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and ".status" not in path.parts and path.parent not in of_all
    }
