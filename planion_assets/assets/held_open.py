"""Holding Dagster's SQLite databases open for the time of a run.

Dagster makes a connection for each event and each question, and SQLite writes a database's log (WAL) back and deletes
it whenever the last connection is closed: a third of what an event takes. One idle connection makes none of them the
last. Belongs here: which databases, and how they are held. Of any other storage there is nothing to hold.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import dagster as dg

logger = logging.getLogger(__name__)

Connect = Callable[[], AbstractContextManager[Any]]


@contextlib.contextmanager
def held_open(instance: dg.DagsterInstance, run_id: str | None = None) -> Iterator[None]:
    """Hold the databases of runs and of events across runs open, and a run's own; those that are SQLite in a file.

    The connections hold no transaction, so they keep nobody from writing. One that cannot be had is no failure: then
    each event costs what it does without.
    """
    # Imported here: a code location loads without SQLAlchemy, which an instance brings.
    from sqlalchemy.exc import SQLAlchemyError

    with ExitStack() as held:
        for connect in _connects(instance, run_id):
            try:
                if database := _file(connect):
                    held.enter_context(contextlib.closing(_idle(database)))
            except (sqlite3.Error, SQLAlchemyError, OSError) as error:
                logger.warning("a database of Dagster is not held open, so each event takes longer: %s", error)
        yield


def _connects(instance: dg.DagsterInstance, run_id: str | None) -> Iterator[Connect]:
    """How to connect to each database; nothing for storages that are none."""
    events, runs = instance.event_log_storage, instance.run_storage
    if connect := getattr(runs, "connect", None):
        yield connect
    if connect := getattr(events, "index_connection", None):
        yield connect
    if run_id and (connect_run := getattr(events, "run_connection", None)):
        yield lambda: connect_run(run_id)


def _file(connect: Connect) -> Path | None:
    """The file of a database; None where it is in memory or of another kind than SQLite."""
    # Dagster holds a lock as long as this connection is open: it is closed before the idle one is opened.
    with connect() as connection:
        url = connection.engine.url
    if url.get_backend_name() != "sqlite" or url.query or not url.database:
        return None
    path = Path(url.database)
    return path if path.is_file() else None


def _idle(database: Path) -> sqlite3.Connection:
    # Closed by whichever thread ends the run.
    connection = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        # Until something is read SQLite has opened no file. All rows, or the transaction would stay open.
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
