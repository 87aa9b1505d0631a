"""Dagster's SQLite storages of runs and events, with connections that stay open: an instance's dagster.yaml names them.

For each event and question Dagster's own make an engine and a connection, and SQLite writes the database's log (WAL)
back whenever the last connection is closed: half of the CPU time of a first refresh. An instance whose dagster.yaml
does not name these works as well, at that price.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy

from planion_assets.defs.dagster_internals import share_migrations, sqlite_event_log_storage, sqlite_run_storage

_BUSY_TIMEOUT = 60.0  # seconds to wait for another writer


class _Pool:
    """An engine by process and database address: SQLite's connections must not be used after a fork."""

    def __init__(self, *arguments: Any) -> None:
        self._engines: dict[tuple[int, str], sqlalchemy.Engine] = {}
        super().__init__(*arguments)

    def _engine(self, url: str) -> sqlalchemy.Engine:
        place = os.getpid(), url
        if place not in self._engines:
            self._engines[place] = sqlalchemy.create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT})
        return self._engines[place]

    def dispose(self) -> None:
        super().dispose()  # type: ignore[misc]
        for place in [place for place in self._engines if place[0] == os.getpid()]:
            self._engines.pop(place).dispose()


class PooledSqliteRunStorage(_Pool, sqlite_run_storage()):  # type: ignore[misc]  # mypy takes no call for a base
    """Dagster's storage of runs. Its config is `base_dir`, the instance's folder."""

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, str]) -> Any:  # noqa: D102 - as in Dagster
        share_migrations()  # an instance opens its runs first
        return cls.from_local(str(Path(config_value["base_dir"]).expanduser() / "history"), inst_data)

    @contextlib.contextmanager
    def connect(self) -> Iterator[sqlalchemy.Connection]:  # noqa: D102 - as in Dagster
        with self._engine(self._conn_string).begin() as connection:
            yield connection


class PooledSqliteEventLogStorage(_Pool, sqlite_event_log_storage()):  # type: ignore[misc]  # as above
    """Dagster's storage of events. Its config is `base_dir`, the instance's folder.

    Pooled are the database of the events across runs, and that of the run which this process executes.
    """

    _run_id, _tables = "", frozenset[str]()

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, str]) -> Any:  # noqa: D102 - as in Dagster
        return cls(str(Path(config_value["base_dir"]).expanduser() / "history" / "runs"), inst_data)

    def store_event(self, event: dg.EventLogEntry) -> None:  # noqa: D102 - as in Dagster
        if event.is_dagster_event and event.dagster_event_type == dg.DagsterEventType.RUN_START:
            self._run_id = event.run_id
        super().store_event(event)
        if event.run_id == self._run_id:  # the UI watches this file, which SQLite writes at checkpoints only
            os.utime(self.path_for_shard(event.run_id))

    def index_connection(self) -> Any:  # noqa: D102 - as in Dagster
        return self._pooled("index")

    def run_connection(self, run_id: str | None = None) -> Any:  # noqa: D102 - as in Dagster
        return self._pooled(run_id) if run_id and run_id == self._run_id else super().run_connection(run_id)

    @contextlib.contextmanager
    def _pooled(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        url = self.conn_string_for_shard(shard)
        if (os.getpid(), url) not in self._engines:
            with super().run_connection(shard):  # makes the database where it is not there yet
                self._engine(url)
        with self._db_lock, self._engine(url).begin() as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:  # noqa: D102 - as in Dagster
        if table_name not in self._tables and super().has_table(table_name):
            self._tables |= {table_name}  # asked with each event, by a connection of its own
        return table_name in self._tables
