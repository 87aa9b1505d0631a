"""Dagster's SQLite storages of runs and events, with connections that stay open: an instance's dagster.yaml names them.

Dagster's own storages connect for each event and query, which is half of the CPU time of a first refresh
(docs/decisions/sqlite-connections.md). An instance whose dagster.yaml does not name these works as well.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy
from sqlalchemy.exc import IntegrityError

from planion_assets.defs.dagster_internals import share_migrations, sqlite_run_storage
from planion_assets.defs.result_storage import ResultStorage

_BUSY_TIMEOUT = 60.0  # seconds to wait for another writer
# What a step reports while it goes on. Any other event says that it has ended, however it did.
_OF_RESULTS = {
    None,  # a line of the log
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_OBSERVATION,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.STEP_OUTPUT,
    dg.DagsterEventType.HANDLED_OUTPUT,
}


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


class PooledSqliteEventLogStorage(_Pool, ResultStorage):
    """Dagster's storage of events. Its config is `base_dir`, the instance's folder.

    Pooled are the connections to the index of all runs, and to the events of the run that this process executes.
    """

    _run_id, _tables = "", frozenset[str]()
    _transactions: dict[str, sqlalchemy.Connection] | None = None

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, str]) -> Any:  # noqa: D102 - as in Dagster
        return cls(str(Path(config_value["base_dir"]).expanduser() / "history" / "runs"), inst_data)

    @contextlib.contextmanager
    def one_transaction(self) -> Iterator[None]:
        """Store the events of the block in one transaction of each database.

        It ends with the block, or before with the step: a generator can stay suspended in the block until the process
        ends. Other writers wait, so nothing that takes long belongs into the block. An event that cannot be stored
        undoes those before it.
        """
        self._commit()
        self._transactions = {}
        is_closed = False
        try:
            yield
        except GeneratorExit:
            # The garbage collector raises it too, whatever this thread is doing: the next event ends the transaction.
            is_closed = True
            raise
        finally:
            if not is_closed:
                self._commit()

    def dispose(self) -> None:  # noqa: D102 - as in Dagster
        self._commit()
        super().dispose()

    def store_event(self, event: dg.EventLogEntry) -> None:  # noqa: D102 - as in Dagster
        if event.dagster_event_type not in _OF_RESULTS:
            self._commit()
        if event.is_dagster_event and event.dagster_event_type == dg.DagsterEventType.RUN_START:
            self._run_id = event.run_id
        super().store_event(event)
        if event.run_id == self._run_id and self._transactions is None:
            self._touch()

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
        with self._db_lock:
            if self._transactions is None:
                with self._engine(url).begin() as connection:
                    yield connection
                return
            if url not in self._transactions:
                self._transactions[url] = self._engine(url).connect()
                self._transactions[url].begin()  # else Dagster begins and ends one
            try:
                yield self._transactions[url]
            except IntegrityError:  # of an insert, after which the row is updated
                raise
            except BaseException:
                self._end(sqlalchemy.Connection.rollback)
                raise

    def _commit(self) -> None:
        """Commit the transactions, and touch the file of the run, which the UI watches."""
        with self._db_lock:
            is_stored = self._end(sqlalchemy.Connection.commit)
        if is_stored and self._run_id:
            self._touch()

    def _end(self, end: Callable[[sqlalchemy.Connection], None]) -> bool:
        """End every transaction, also where one of them fails to end. Returns whether there was any."""
        transactions, self._transactions = self._transactions, None
        with contextlib.ExitStack() as stack:
            for connection in (transactions or {}).values():
                stack.enter_context(connection)  # which closes it
                stack.callback(end, connection)
        return bool(transactions)

    def _touch(self) -> None:
        os.utime(self.path_for_shard(self._run_id))  # SQLite writes it at checkpoints only

    def has_table(self, table_name: str) -> bool:  # noqa: D102 - as in Dagster
        if table_name not in self._tables and super().has_table(table_name):
            self._tables |= {table_name}  # asked of each asset, by a connection of its own
        return table_name in self._tables
