"""Runs launched as Dagster's UI launches them, from several code locations that share one instance.

The locations are loaded in this process and each run ends before its launch returns, which saves the seconds that a
server and a process of a run take. All that Dagster notes of a run's origin, it notes as in real life: nothing is
tagged by hand.

Dagster has no public call that loads code locations in the process of the caller, so its own parts are taken by name
(`_part`), here and nowhere else.
"""

import asyncio
import contextlib
import importlib
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import dagster as dg

from planion_assets_tests.instances import instance_on_disk

OURS, SECOND, THEIRS = "planion_assets", "second_planion", "their_project"
LOCATIONS = {
    OURS: "planion_assets.definitions",
    SECOND: "planion_assets.definitions",
    THEIRS: "planion_assets_tests.defs.automation.their_project",
}
REPOSITORY = "__repository__"
ASSET_JOB = "__ASSET_JOB"
SYNCHRONOUS = {
    "run_launcher": {
        "module": "dagster._core.launcher.sync_in_memory_run_launcher",
        "class": "SyncInMemoryRunLauncher",
    },
    "run_coordinator": {
        "module": "dagster._core.run_coordinator.sync_in_memory_run_coordinator",
        "class": "SyncInMemoryRunCoordinator",
    },
}
IN_PROCESS: Mapping[str, Any] = MappingProxyType({"execution": {"config": {"in_process": {}}}})
"""Config of a run of assets in a project without an executor of its own: by default Dagster starts a process for each
step, which imports everything anew."""
LAUNCH = """mutation($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""

BACKFILL = """mutation($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""


def _part(module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"dagster.{module}"), name)


@cache
def _schema() -> Any:
    """The schema of Dagster's GraphQL API, made once in a process."""
    from dagster_graphql.schema import create_schema  # here: most of a second, for every worker of the tests

    return create_schema()


Origin = _part("_core.remote_origin", "InProcessCodeLocationOrigin")
Module = _part("_core.types.loadable_target_origin", "LoadableTargetOrigin")
Workspace = _part("_core.workspace.context", "WorkspaceProcessContext")
Target = _part("_core.workspace.load_target", "InProcessWorkspaceLoadTarget")
Timestamp = _part("_core.definitions.timestamp", "TimestampWithTimezone")
_NONE: Mapping[str, Any] = MappingProxyType({})


class Launcher:
    """Launches jobs and assets of the locations on an instance."""

    def __init__(self, instance: dg.DagsterInstance, workspace: Any) -> None:
        self.instance = instance
        self.workspace = workspace
        self._schema = _schema()

    def launch(
        self,
        location: str,
        job: str = ASSET_JOB,
        *,
        assets: Sequence[str] = (),
        config: Mapping[str, Any] = _NONE,
        tags: Mapping[str, str] = _NONE,
    ) -> dg.DagsterRun:
        """Launch a job, or the assets of that location, and wait for its end; the run, as it is noted.

        The key of an asset is written with slashes.
        """
        selector: dict[str, Any] = {
            "repositoryName": REPOSITORY,
            "repositoryLocationName": location,
            "pipelineName": job,
        }
        if assets:
            selector["assetSelection"] = [{"path": name.split("/")} for name in assets]
        params = {
            "selector": selector,
            "mode": "default",
            "runConfigData": dict(config),
            "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in tags.items()]},
        }
        launched = self._ask(LAUNCH, params)["launchPipelineExecution"]
        assert "run" in launched, launched
        run = self.instance.get_run_by_id(launched["run"]["runId"])
        assert run is not None
        return run

    def backfill(self, assets: Sequence[dg.AssetKey], partitions: Sequence[str]) -> list[dg.DagsterRun]:
        """Launch a backfill of those partitions and let the daemon look at it once; its runs, which have ended."""
        params = {
            "assetSelection": [{"path": key.path} for key in assets],
            "partitionNames": list(partitions),
            "runConfigData": dict(IN_PROCESS),
        }
        launched = self._ask(BACKFILL, params)["launchPartitionBackfill"]
        assert "backfillId" in launched, launched
        iterate = _part("_daemon.backfill", "execute_backfill_iteration")
        errors = [error for error in iterate(self.workspace, logging.getLogger("backfill")) if error]
        assert not errors, errors
        filters = dg.RunsFilter(tags={"dagster/backfill": launched["backfillId"]})
        return [record.dagster_run for record in self.instance.get_run_records(filters)]

    def _ask(self, mutation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        context = self.workspace.create_request_context()
        asked = self._schema.execute_async(mutation, context_value=context, variable_values={"params": params})
        with warnings.catch_warnings():
            # Dagster runs an event loop for a run, and here one within that of the launch.
            warnings.simplefilter("ignore", RuntimeWarning)
            answer = asyncio.run(asked)
        assert answer.data, answer
        found: dict[str, Any] = answer.data
        return found

    def tick(self, schedule: str, now: datetime) -> Any:
        """What a schedule of this project says at an instant, as the daemon asks it."""
        location, handle = self._handle(OURS)
        return location.get_schedule_execution_data(
            self.instance, handle, schedule, Timestamp(now.timestamp(), "UTC"), None
        )

    def look(self, sensor: str, cursor: str | None = None, of: str = OURS) -> Any:
        """What a sensor of this project, or of another location, says, as the daemon asks it."""
        location, handle = self._handle(of)
        return location.get_sensor_execution_data(self.instance, handle, sensor, None, None, cursor, None, None)

    def _handle(self, name: str) -> tuple[Any, Any]:
        location = self.workspace.create_request_context().get_code_location(name)
        return location, location.get_repository(REPOSITORY).handle


@contextlib.contextmanager
def launching(
    home: Path, settings: Mapping[str, Any] = _NONE, locations: Mapping[str, str] = MappingProxyType(LOCATIONS)
) -> Iterator[Launcher]:
    """An instance on disk in `home`, which is DAGSTER_HOME within the block, and a launcher for the locations."""
    with instance_on_disk(home, {**SYNCHRONOUS, **settings}) as instance:
        origins = [
            Origin(Module(module_name=module, working_directory=os.fspath(Path.cwd())), location_name=name)
            for name, module in locations.items()
        ]
        with Workspace(instance, Target(origins)) as workspace:
            yield Launcher(instance, workspace)
