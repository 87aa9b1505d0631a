"""Holding Dagster's SQLite databases open for the time of a run.

For each event and each question Dagster makes an engine, its dialect and a connection, and compiles its statements
anew; SQLite writes a database's log (WAL) back and deletes it whenever the last connection is closed. That is two
thirds of what an event takes. Belongs here: which databases, and how the connections to them are handed out meanwhile.
Of any other storage there is nothing to hold.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

logger = logging.getLogger(__name__)

Connect = Callable[..., AbstractContextManager[Any]]

# Seconds to wait for another writer, as long as Dagster's connections to its events do.
_BUSY = 30.0
# What Dagster calls the database of events across runs.
_INDEX = "index"
# Of runs that overlap in one process one holds what another finds held: never what the other puts back.
_LOCK = threading.Lock()


@contextlib.contextmanager
def held_open(instance: dg.DagsterInstance, run_id: str | None = None) -> Iterator[None]:
    """Hold the databases of runs and of events across runs open, and a run's own; those that are SQLite in a file.

    No transaction is held between two uses, so nobody is kept from writing. A database that cannot be held is no
    failure: then each event costs what it does without. What another has held already stays as it is.
    """
    # Imported here: a code location loads without SQLAlchemy, which an instance brings.
    from sqlalchemy.exc import SQLAlchemyError

    events, runs = instance.event_log_storage, instance.run_storage
    with ExitStack() as held:
        for storage, name, arguments in (
            (runs, "connect", ()),
            (events, "index_connection", ()),
            (events, "run_connection", (run_id,)),
        ):
            if arguments == (None,) or not hasattr(storage, name):
                continue
            try:
                _hold(held, storage, name, arguments)
            except (SQLAlchemyError, OSError) as error:
                logger.warning("a database of Dagster is not held open, so each event takes longer: %s", error)
        yield


@dataclass(frozen=True, slots=True)
class _Held:
    """Hands out connections of one engine, each in a transaction, where it is asked for its own `arguments`."""

    engine: "Engine"
    arguments: tuple[Any, ...]
    otherwise: Connect

    def __call__(self, *arguments: Any) -> AbstractContextManager[Any]:
        return self.engine.begin() if arguments == self.arguments else self.otherwise(*arguments)


def _hold(held: ExitStack, storage: Any, name: str, arguments: tuple[Any, ...]) -> None:
    """Let the storage's method of that name hand out kept connections for these arguments, until `held` ends."""
    with _LOCK:
        connect: Connect = getattr(storage, name)
        if isinstance(connect, _Held):
            return
        engine = (name == "index_connection" and _complete_index(storage)) or _engine_behind(connect, arguments)
        if not engine:
            return
        held.callback(engine.dispose)
        held.callback(_stand_in(storage, name, _Held(engine, arguments, connect)))
        has_table = getattr(storage, "has_table", None)
        if has_table and name == "index_connection":  # asked with each event, by a connection of its own
            held.callback(_stand_in(storage, "has_table", _Remembered(has_table)))


class _Remembered(dict[str, bool]):
    """Whether a database has a table, asked until it has: none is taken away while a run goes on."""

    def __init__(self, ask: Callable[[str], bool]) -> None:
        self._ask = ask

    def __call__(self, name: str) -> bool:
        if not self.get(name):
            self[name] = self._ask(name)
        return self[name]


def _stand_in(storage: Any, name: str, other: Any) -> Callable[[], None]:
    """Put another in the place of a method of this one object; gives what undoes it."""
    own = name in vars(storage)
    before = getattr(storage, name)
    setattr(storage, name, other)

    def undo() -> None:
        with _LOCK:
            if own:
                setattr(storage, name, before)
            else:
                delattr(storage, name)

    return undo


def _engine(url: "URL", question: str) -> "Engine":
    """An engine for a database, with a connection in its pool that has read something: before that it opens no file.

    Raises SQLAlchemyError where the question has no answer.
    """
    import sqlalchemy  # here, as in `held_open`

    engine = sqlalchemy.create_engine(url, connect_args={"timeout": _BUSY})
    try:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(question)).one()
    except sqlalchemy.exc.SQLAlchemyError:
        engine.dispose()
        raise
    return engine


def _complete_index(storage: Any) -> "Engine | None":
    """An engine for the events across runs, where the storage tells its address and the database is complete.

    Asked for a first connection to one that is there, Dagster loads every migration there has been, to find that it has
    nothing to do for a database whose revision is noted: that is the last thing it does when it makes one.
    """
    import sqlalchemy  # here, as in `held_open`

    if not hasattr(storage, "conn_string_for_shard"):
        return None
    url = sqlalchemy.make_url(storage.conn_string_for_shard(_INDEX))
    with contextlib.suppress(sqlalchemy.exc.SQLAlchemyError):
        return _engine(url, "SELECT version_num FROM alembic_version") if _is_file(url) else None
    return None


def _engine_behind(connect: Connect, arguments: tuple[Any, ...]) -> "Engine | None":
    """An engine for a database that Dagster gives a connection to, where it is SQLite in a file."""
    # Dagster makes the database where it is missing, and locks it for as long as this connection is open.
    with connect(*arguments) as connection:
        url: URL = connection.engine.url
    return _engine(url, "SELECT count(*) FROM sqlite_schema") if _is_file(url) else None


def _is_file(url: "URL") -> bool:
    """Whether an address is that of a SQLite database that is in a file, not in memory."""
    if url.get_backend_name() != "sqlite" or url.query or not url.database:
        return False
    return Path(url.database).is_file()
