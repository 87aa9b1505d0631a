"""Dagster instances on disk for tests that need one: copies of one whose databases are there already."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import dagster as dg
import yaml
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage

_NONE: Mapping[str, Any] = MappingProxyType({})
_POOLED = "planion_assets.defs.pooled_sqlite_storage"


@cache
def copy_databases_of_runs() -> None:
    """Have the database that each run on disk has for its events be a copy of the first: Dagster makes one in 20 ms."""
    make = SqliteEventLogStorage._initdb
    databases: list[bytes] = []

    def initdb(self: Any, engine: Any, for_index_shard: bool = False) -> None:
        path = Path(engine.url.database)
        if for_index_shard or path.stem == INDEX_SHARD_NAME or path.exists():
            make(self, engine, for_index_shard)
        elif databases:
            path.write_bytes(databases[0])
        else:
            make(self, engine)
            databases.append(path.read_bytes())  # all of it: the only connection is closed

    setattr(SqliteEventLogStorage, "_initdb", initdb)  # noqa: B010 - mypy takes no assignment to a method


def _settings(base_dir: Any) -> dict[str, Any]:
    """The storages that an instance has which a command makes, in that folder, and no copies of what steps print."""
    config = {"base_dir": base_dir}
    return {
        "telemetry": {"enabled": False},
        "run_storage": {"module": _POOLED, "class": "PooledSqliteRunStorage", "config": config},
        "event_log_storage": {"module": _POOLED, "class": "PooledSqliteEventLogStorage", "config": config},
        # Dagster's own starts processes for each step.
        "compute_logs": {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"},
    }


@cache
def _empty() -> "tempfile.TemporaryDirectory[str]":
    """A folder with an instance, made once in a process; it goes when the process ends."""
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with dg.instance_for_test(temp_dir=folder.name):
        pass
    Path(folder.name, "dagster.yaml").write_text(yaml.safe_dump(_settings({"env": "DAGSTER_HOME"})))
    return folder


def copy_instance(home: Path) -> None:
    """Put an instance without runs into a folder, at a quarter of what Dagster takes to make one."""
    shutil.copytree(_empty().name, home, dirs_exist_ok=True)


def instance_without_events() -> dg.DagsterInstance:
    """An instance in memory that takes events and keeps none, for programs of which only files and streams matter.

    Storing the events of a refresh takes as much CPU as all the rest of it.
    """
    instance = dg.DagsterInstance.ephemeral()
    for name in ("store_event", "store_event_batch"):
        setattr(instance.event_log_storage, name, lambda *_: None)
    return instance


@cache
def one_instance_without_events() -> dg.DagsterInstance:
    """The same one each time: made before a fork, each child has a copy of it."""
    return instance_without_events()


@contextlib.contextmanager
def instance_on_disk(home: Path, settings: Mapping[str, Any] = _NONE) -> Iterator[dg.DagsterInstance]:
    """An instance without runs in `home`, which is DAGSTER_HOME within; settings may name another `storage`."""
    copy_instance(home)
    usual = _settings(str(home))
    if "storage" in settings:
        del usual["run_storage"], usual["event_log_storage"]
    with dg.instance_for_test(overrides={**usual, **settings}, temp_dir=str(home)) as instance:
        yield instance
