"""The Dagster instance that commands use: made where there is none, and opened by one process at a time.

Dagster makes the databases of a new instance without a lock. Two processes that open it at once can each note a
revision in one of them, and from then on nobody can open it. `python -m planion_assets.defs.instance` opens the
instance and ends: what is started after it finds a whole one.
"""

import contextlib
import logging
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from planion_assets.defs.dagster_internals import keep_latest_revision
from planion_assets.defs.instance_settings import DEFAULT_FOLDER, SCHEME, SETTINGS_FILE, VARIABLE
from planion_assets.guide import GuidedError, Heading
from planion_assets.storage.locks import LockTimeoutError, acquire

DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
"""The files of Dagster's SQLite storage below the instance's folder."""
# The dagster.yaml of an instance that is made here.
_SETTINGS = """telemetry:
  enabled: false

run_storage:
  module: planion_assets.defs.pooled_sqlite_storage
  class: PooledSqliteRunStorage
  config: {base_dir: {env: DAGSTER_HOME}}
event_log_storage:
  module: planion_assets.defs.pooled_sqlite_storage
  class: PooledSqliteEventLogStorage
  config: {base_dir: {env: DAGSTER_HOME}}
"""
_STORED = ("history", "schedules", "storage")  # the folders of an instance that was used before
_LOCK = ".opening.lock"
_SECONDS = 60.0  # for the lock, and for a database that another process writes to
_AWAY = "stop all of Dagster and move that file away: what it holds of runs is lost, no table is"
_REASON_CHARACTERS = 400
_FOLDER = f"set {VARIABLE} to a folder that this user can write to"


class InstanceError(GuidedError):
    """The instance cannot be used. The message is one line: where it is, what is wrong, what to do."""

    heading = Heading.INSTANCE


def instance_exists(home: Path | None = None) -> bool:
    """Whether there is an instance in a folder, else in that of `opened`. Raises `InstanceError`."""
    home = home or _home()
    return os.path.lexists(home / SETTINGS_FILE) or any((home / name).exists() for name in _STORED)


def opened() -> dg.DagsterInstance:
    """The instance in DAGSTER_HOME, or in .dagster below the working directory. Raises `InstanceError`."""
    home = _home()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _exclusive(home), _without_warnings():
            _prepare(home)
            return dg.DagsterInstance.get()
    except InstanceError:
        raise
    except LockTimeoutError as holder:
        raise InstanceError(f"{_unusable(home)} {holder} has been opening it for a minute; try again") from None
    except OSError as error:
        reason = f"{error.strerror or error} ({error.filename or home})"
        raise InstanceError(f"{_unusable(home)} {reason}; {_FOLDER}") from error
    except Exception as error:  # a storage, and the database behind it, raise what they like
        raise InstanceError(f"{_unusable(home)} {reason_of(error)}; {_remedy(home, error)}") from error


def where(instance: dg.DagsterInstance, error: Exception) -> str:
    """The end of an error message: where the instance is, why it could not store something, and what to do."""
    return (
        f"{instance.root_directory}: {reason_of(error)}; see that there is room and that what {SETTINGS_FILE} names "
        "answers, then refresh again"
    )


def reason_of(error: BaseException) -> str:
    """What Dagster, a storage or the database behind it says, in one line without the statement that failed."""
    if isinstance(error, dg.DagsterInvalidConfigError):
        text = "; ".join(problem.message for problem in error.errors)
    else:
        text = str(getattr(error, "orig", None) or error) or type(error).__name__
        if error.__cause__ is not None and not hasattr(error, "orig"):
            text += f" ({reason_of(error.__cause__)})"
    line = " ".join(text.split())
    return line if len(line) <= _REASON_CHARACTERS else line[: _REASON_CHARACTERS - 1] + "…"


def _remedy(home: Path, error: Exception) -> str:
    """What to do where Dagster cannot open the instance."""
    if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
        return f"write `scheme: {SCHEME}` below `postgres_db` in {home / SETTINGS_FILE}: that driver is here"
    return f"correct {home / SETTINGS_FILE} or what it names, or set {VARIABLE} to another folder"


def _home() -> Path:
    """The instance's folder, noted in the environment, where Dagster looks for it."""
    named = os.environ.get(VARIABLE)
    if not named:
        os.environ[VARIABLE] = named = str(Path(DEFAULT_FOLDER).absolute())
    try:
        home = Path(named).expanduser()
    except RuntimeError:
        raise InstanceError(f"{VARIABLE} is {named!r}, and there is no such user; begin it with / or ~/") from None
    if not home.is_absolute():
        raise InstanceError(f"{VARIABLE} is {named!r}, which is not an absolute path; begin it with / or ~")
    if "?" in str(home):
        raise InstanceError(
            f"{_unusable(home)} the addresses of Dagster's databases end at a ?; set {VARIABLE} to a folder without one"
        )
    return home


@contextlib.contextmanager
def _exclusive(home: Path) -> Iterator[None]:
    """Let one process at a time open the instance. Raises `LockTimeoutError`.

    A folder that takes no lock is opened without: it may hold nothing but the address of a database server.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            stack.enter_context(acquire(home / _LOCK, _SECONDS))
        yield


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Log no warnings in the block: a server that does not answer is asked ten times, with some lines for each."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _prepare(home: Path) -> None:
    """Write the settings of a new instance; mend one that two processes made at once. Raises `InstanceError`."""
    if not instance_exists(home):
        (home / SETTINGS_FILE).write_text(_SETTINGS, encoding="utf-8")
    for name in DATABASES:
        database = home / name
        if not database.is_file():
            continue
        try:
            keep_latest_revision(database, _SECONDS)
        except sqlite3.DatabaseError as error:
            raise InstanceError(f"{_unusable(database)} {error}; {_AWAY}") from None
        except LookupError as unknown:
            raise InstanceError(
                f"{_unusable(database)} two processes made it at once, and this Dagster knows neither revision of "
                f"{unknown}; {_AWAY}"
            ) from None


def _unusable(place: Path) -> str:
    return f"the Dagster instance in {place} cannot be used:"


def main() -> None:
    """Open the instance and end: with 0, or with 2 and a line on stderr."""
    try:
        with opened():
            pass
    except InstanceError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(2)


if __name__ == "__main__":
    main()
