"""A run in a process of its own, as a launcher of Dagster starts one: `dagster api execute_run`.

Dagster has no public call that makes the command without launching it, so its own parts are taken by name (`_part`).
"""

import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import dagster as dg

LOCATION = "planion_assets"
MODULE = "planion_assets.definitions"
_NONE: Mapping[str, Any] = MappingProxyType({})


def _part(module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"dagster.{module}"), name)


def created_run(
    instance: dg.DagsterInstance, job: str, *, config: Mapping[str, Any] = _NONE, tags: Mapping[str, str] = _NONE
) -> dg.DagsterRun:
    """A run of one of the project's jobs that is about to be started, with the origins that launchers read."""
    from planion_assets.definitions import defs

    target = _part("_core.types.loadable_target_origin", "LoadableTargetOrigin")(
        module_name=MODULE, working_directory=os.fspath(Path.cwd())
    )
    repository = _part("_core.remote_origin", "RemoteRepositoryOrigin")(
        _part("_core.remote_origin", "ManagedGrpcPythonEnvCodeLocationOrigin")(target, LOCATION), "__repository__"
    )
    pointer = _part("_core.code_pointer", "ModuleCodePointer")(MODULE, "defs", os.fspath(Path.cwd()))
    entry_point = [str(Path(sys.executable).parent / "dagster")]
    code = _part("_core.origin", "RepositoryPythonOrigin")(sys.executable, pointer, entry_point=entry_point)
    dagster_run: dg.DagsterRun = instance.create_run_for_job(
        defs.resolve_job_def(job),
        run_config=dict(config),
        tags=dict(tags),
        status=dg.DagsterRunStatus.STARTING,
        remote_job_origin=_part("_core.remote_origin", "RemoteJobOrigin")(repository, job),
        job_code_origin=_part("_core.origin", "JobPythonOrigin")(job, code),
    )
    return dagster_run


def command(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    """The command that executes it; it exits with 1 where the run fails, as in a pod."""
    arguments = _part("_grpc.types", "ExecuteRunArgs")(
        job_origin=run.job_code_origin,
        run_id=run.run_id,
        instance_ref=instance.get_ref(),
        set_exit_code_on_failure=True,
    )
    found: list[str] = arguments.get_command_args()
    return found
