"""The pooled storages: that they block nobody, lose nothing, and keep SQLite from closing the databases."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from planion_assets.defs.events.refresh_run import one_transaction
from planion_assets.defs.instance import opened
from planion_assets_tests.instances import copy_instance

SETTINGS = Path(__file__).parents[2] / ".dagster" / "dagster.yaml"
INDEX, RUNS = "history/runs/index.db", "history/runs.db"


@pytest.fixture
def pooled(workplace: Path) -> Iterator[dg.DagsterInstance]:
    """An instance with the storages that the repository's dagster.yaml names."""
    copy_instance(workplace / ".dagster")
    shutil.copy(SETTINGS, workplace / ".dagster")
    with opened() as instance:
        yield instance


def _file(instance: dg.DagsterInstance, name: str) -> Path:
    return Path(instance.root_directory) / name


def _log(instance: dg.DagsterInstance, name: str) -> Path:
    return _file(instance, f"{name}-wal")


def _note(instance: dg.DagsterInstance, number: int = 1) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization("sessions", partition=f"AAA|AM{number}"))


def _noted(instance: dg.DagsterInstance) -> int:
    return len(instance.fetch_materializations(dg.AssetKey("sessions"), limit=10).records)


def test_a_new_instance_and_the_dagster_yaml_of_the_repository_name_the_pooled_storages(
    workplace: Path, pooled: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = workplace / "another"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with opened() as new:
        assert type(new.run_storage).__name__ == type(pooled.run_storage).__name__ == "PooledSqliteRunStorage"
        assert type(new.event_log_storage) is type(pooled.event_log_storage)
        assert type(new.event_log_storage).__name__ == "PooledSqliteEventLogStorage"
        _note(new)
        assert (home / INDEX).is_file()
        assert (home / RUNS).is_file()


def test_an_instance_that_was_made_without_them_goes_on_with_them(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = workplace / "home"
    copy_instance(home)
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with opened() as plain:
        _note(plain)
        assert "Pooled" not in type(plain.event_log_storage).__name__
    shutil.copy(SETTINGS, home)
    with opened() as pooled:
        _note(pooled)
        assert _noted(pooled) == 2


def test_an_open_connection_blocks_no_other_process_and_waits_for_one(pooled: dg.DagsterInstance) -> None:
    code = """if True:
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
        connection.execute("CREATE TABLE another (one)")
        print(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    """
    _note(pooled)
    pooled.get_runs()
    for name in (INDEX, RUNS):
        command = [sys.executable, "-c", code, str(_file(pooled, name))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.stdout.strip(), done.stderr) == ("0", ""), name
    other = sqlite3.connect(_file(pooled, INDEX), isolation_level=None, check_same_thread=False)
    with contextlib.closing(other):
        other.execute("BEGIN IMMEDIATE")
        ended = threading.Timer(0.3, other.execute, ["COMMIT"])
        ended.start()
        _note(pooled)
        ended.join()
    assert _noted(pooled) == 2


def test_between_two_events_the_database_stays_open_and_it_is_closed_at_the_end(workplace: Path) -> None:
    with opened() as pooled:
        log = _log(pooled, INDEX)
        _note(pooled)
        first = log.stat()
        _note(pooled)
        assert log.stat().st_ino == first.st_ino
    assert not log.exists()
    assert not _log(pooled, RUNS).exists()


@contextlib.contextmanager
def _connections() -> Iterator[list[str]]:
    """The databases to which connections are made by any engine of this process."""
    connected: list[str] = []

    def note(connection: Any, _: object) -> None:
        connected.extend(row[2] for row in connection.execute("PRAGMA database_list"))

    sqlalchemy.event.listen(Pool, "connect", note)
    try:
        yield connected
    finally:
        sqlalchemy.event.remove(Pool, "connect", note)


def test_events_and_questions_of_a_run_make_no_connection_and_the_ui_sees_each(pooled: dg.DagsterInstance) -> None:
    seen: list[float] = []

    @dg.op(out={})
    def step(context: dg.OpExecutionContext) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
        database = _file(context.instance, f"history/runs/{context.run.run_id}.db")
        for number in range(3):
            os.utime(database, (0, 0))
            with _connections() as connected:
                yield dg.AssetMaterialization("sessions", partition=f"A|{number}", tags={"dagster/data_version": "1"})
                yield dg.AssetCheckEvaluation(dg.AssetKey("sessions"), check_name="one", passed=True)
                assert _noted(context.instance) == number + 1
                context.instance.get_run_by_id(context.run.run_id)
            # With the first ones Dagster asks which tables it has.
            assert number == 0 or connected == []
            seen.append(database.stat().st_mtime)

    ran = dg.GraphDefinition("job", node_defs=[step]).to_job().execute_in_process(instance=pooled)
    assert ran.success
    assert all(seen)  # the file that the UI watches is touched
    stored = pooled.all_logs(ran.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    assert [event.dagster_event.partition for event in stored if event.dagster_event] == ["A|0", "A|1", "A|2"]


def _run(instance: dg.DagsterInstance, body: Callable[[dg.OpExecutionContext], Iterator[Any]]) -> Any:
    @dg.op(out={})
    def step(context: dg.OpExecutionContext) -> Iterator[Any]:
        yield from body(context)

    return (
        dg.GraphDefinition("job", node_defs=[step]).to_job().execute_in_process(instance=instance, raise_on_error=False)
    )


def _seen(instance: dg.DagsterInstance, run_id: str) -> tuple[int, int]:
    """How many materializations another process sees of a run: in the run's database, and in that of all runs."""
    found = []
    for name in (f"history/runs/{run_id}.db", INDEX):
        with contextlib.closing(sqlite3.connect(_file(instance, name))) as other:
            query = "SELECT count(*) FROM event_logs WHERE run_id = ? AND dagster_event_type = 'ASSET_MATERIALIZATION'"
            found.append(other.execute(query, (run_id,)).fetchone()[0])
    return found[0], found[1]


def test_events_of_one_transaction_are_seen_by_their_run_at_once_and_by_others_at_its_end(
    pooled: dg.DagsterInstance,
) -> None:
    seen = []

    def body(context: dg.OpExecutionContext) -> Iterator[Any]:
        database = _file(context.instance, f"history/runs/{context.run.run_id}.db")
        os.utime(database, (0, 0))
        with one_transaction(context.instance):
            for number in range(3):
                yield dg.AssetMaterialization("sessions", partition=f"A|{number}", tags={"dagster/data_version": "1"})
                context.log.info("a line of the log")
                yield dg.AssetCheckEvaluation(
                    asset_key=dg.AssetKey("sessions"), check_name="one", passed=True, partition=f"A|{number}"
                )
                assert _noted(context.instance) == number + 1
                seen.append(_seen(context.instance, context.run.run_id))
        seen.append(_seen(context.instance, context.run.run_id))
        assert database.stat().st_mtime  # the file that the UI watches is touched

    ran = _run(pooled, body)
    assert ran.success
    assert seen == [(0, 0), (0, 0), (0, 0), (3, 3)]
    assert len(pooled.all_logs(ran.run_id, dg.DagsterEventType.ASSET_CHECK_EVALUATION)) == 3


@pytest.mark.parametrize("is_caught", [True, False])
def test_a_transaction_that_a_failed_step_left_open_is_stored(pooled: dg.DagsterInstance, is_caught: bool) -> None:
    open_events = []

    def suspended(context: dg.OpExecutionContext) -> Generator[Any, None, None]:
        with one_transaction(context.instance):
            yield dg.AssetMaterialization("sessions", partition="A|1")
            yield dg.AssetMaterialization("sessions", partition="A|2")

    def body(context: dg.OpExecutionContext) -> Iterator[Any]:
        events = suspended(context)
        open_events.append(events)  # as in the traceback of what ended the step
        yield next(events)
        if is_caught:
            events.close()
        raise RuntimeError

    ran = _run(pooled, body)
    assert not ran.success
    assert _seen(pooled, ran.run_id) == (1, 1)
    assert pooled.get_run_by_id(ran.run_id).status is dg.DagsterRunStatus.FAILURE  # type: ignore[union-attr]
    assert len(pooled.all_logs(ran.run_id, dg.DagsterEventType.STEP_FAILURE)) == 1
    open_events[0].close()
    _note(pooled)
    assert _noted(pooled) == 2


@pytest.mark.parametrize("end", ["an event", "another", "the end"])
def test_what_a_generator_leaves_that_is_closed_while_the_storage_is_used_is_stored_by_the_next(
    pooled: dg.DagsterInstance, end: str
) -> None:
    storage: Any = pooled.event_log_storage

    def suspended() -> Generator[None, None, None]:
        with one_transaction(pooled):
            _note(pooled)
            yield

    def work() -> None:
        events = suspended()
        next(events)
        with storage.index_connection():
            events.close()  # as the garbage collector does

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(20)
    assert not worker.is_alive()
    index = _file(pooled, INDEX)
    assert _rows(index) == 0
    if end == "an event":
        _run(pooled, lambda _: iter(()))
    elif end == "another":
        with one_transaction(pooled):
            assert _rows(index) == 1
    else:
        pooled.dispose()
    assert _rows(index) == 1


def _rows(index: Path) -> int:
    """How many materializations another process sees."""
    with contextlib.closing(sqlite3.connect(index)) as other:
        query = "SELECT count(*) FROM event_logs WHERE dagster_event_type = 'ASSET_MATERIALIZATION'"
        return int(other.execute(query).fetchone()[0])


def test_an_event_that_cannot_be_stored_undoes_those_of_its_transaction(pooled: dg.DagsterInstance) -> None:
    stored = []

    def refuse(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("INSERT INTO event_logs") and "A|2" in parameters:
            stored.append(statement)
            if len(stored) == 2:  # among the run's events first, then among those across runs
                raise OperationalError(statement, {}, sqlite3.OperationalError("database or disk is full"))

    def body(context: dg.OpExecutionContext) -> Iterator[Any]:
        with one_transaction(context.instance):
            yield dg.AssetMaterialization("sessions", partition="A|1")
            yield dg.AssetMaterialization("sessions", partition="A|2")

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", refuse)
    try:
        ran = _run(pooled, body)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", refuse)
    assert not ran.success
    assert _seen(pooled, ran.run_id) == (0, 0)
    _note(pooled)
    assert _noted(pooled) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_process_that_is_killed_leaves_none_of_the_events_of_its_transaction(pooled: dg.DagsterInstance) -> None:
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException), one_transaction(pooled):
            _note(pooled)
            assert _noted(pooled) == 1
            os._exit(9)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    assert _noted(pooled) == 0


def test_threads_share_the_transaction(pooled: dg.DagsterInstance) -> None:
    with one_transaction(pooled):
        _note(pooled)
        other = threading.Thread(target=_note, args=(pooled, 2))
        other.start()
        other.join(20)
        assert not other.is_alive()
    assert _noted(pooled) == 2


def test_a_storage_that_has_no_such_call_stores_each_event(instance: dg.DagsterInstance) -> None:
    assert not hasattr(instance.event_log_storage, "one_transaction")
    before = [one.storage_id for one in instance.fetch_materializations(dg.AssetKey("sessions"), limit=1).records]
    with one_transaction(instance):
        _note(instance)
        newest = [one.storage_id for one in instance.fetch_materializations(dg.AssetKey("sessions"), limit=1).records]
    assert newest > before


@pytest.mark.parametrize("partition", ["A|1", None])
@pytest.mark.parametrize("is_planned", [True, False])
def test_a_verdict_has_one_row_also_where_it_was_planned_or_is_given_twice(
    pooled: dg.DagsterInstance, partition: str | None, is_planned: bool
) -> None:
    storage: Any = pooled.event_log_storage

    def body(context: dg.OpExecutionContext) -> Iterator[Any]:
        row = {"asset_key": '["sessions"]', "check_name": "one", "partition": partition, "run_id": context.run.run_id}
        if is_planned:
            with storage.index_connection() as connection:
                columns = ", ".join([*row, "execution_status"])
                values = ", ".join([*(f":{name}" for name in row), "'PLANNED'"])
                connection.execute(
                    sqlalchemy.text(f"INSERT INTO asset_check_executions ({columns}) VALUES ({values})"),  # noqa: S608
                    row,
                )
        for passed in (False, True):
            with one_transaction(context.instance):
                yield dg.AssetCheckEvaluation(
                    asset_key=dg.AssetKey("sessions"), check_name="one", passed=passed, partition=partition
                )

    ran = _run(pooled, body)
    assert ran.success
    with storage.index_connection() as connection:
        query = "SELECT execution_status, partition FROM asset_check_executions WHERE run_id = :run_id"
        rows = connection.execute(sqlalchemy.text(query), {"run_id": ran.run_id}).fetchall()
    assert rows == [("SUCCEEDED", partition)]


def test_each_run_has_its_own_events(pooled: dg.DagsterInstance) -> None:
    @dg.op(out={})
    def nothing() -> Iterator[dg.AssetMaterialization]:
        yield dg.AssetMaterialization("sessions")

    job = dg.GraphDefinition("job", node_defs=[nothing]).to_job()
    one, two = (job.execute_in_process(instance=pooled).run_id for _ in range(2))
    assert {event.run_id for event in pooled.all_logs(one)} == {one}
    assert {event.run_id for event in pooled.all_logs(two)} == {two}


def test_threads_store_and_ask_at_once(pooled: dg.DagsterInstance) -> None:
    together = threading.Barrier(4)

    def work(number: int) -> None:
        together.wait()
        for _ in range(3):
            _note(pooled, number)
            pooled.get_runs()
            pooled.add_dynamic_partitions("conferences", [f"AAA|AM{number}"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pooled.fetch_materializations(dg.AssetKey("sessions"), limit=20).records) == 12
    assert len(pooled.get_dynamic_partitions("conferences")) == 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_uses_connections_of_its_own(pooled: dg.DagsterInstance) -> None:
    _note(pooled)
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            _note(pooled)
            pooled.dispose()
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    _note(pooled)
    assert _noted(pooled) == 3


def test_what_fails_within_a_transaction_is_undone(pooled: dg.DagsterInstance) -> None:
    storage: Any = pooled.event_log_storage

    def execute(*statements: str) -> Any:
        with storage.index_connection() as connection:
            return [connection.execute(sqlalchemy.text(one)) for one in statements][-1].scalar()

    assert not storage.has_table("half")
    execute("CREATE TABLE half (one)", "SELECT 1")
    assert storage.has_table("half")
    with pytest.raises(OperationalError):
        execute("INSERT INTO half VALUES (1) RETURNING one", "no statement")
    assert execute("SELECT count(*) FROM half") == 0


@pytest.mark.parametrize("cut", ["DELETE FROM alembic_version", "DROP TABLE alembic_version"])
def test_a_database_whose_making_was_cut_short_is_completed(workplace: Path, cut: str) -> None:
    copy_instance(workplace / ".dagster")
    shutil.copy(SETTINGS, workplace / ".dagster")
    with contextlib.closing(sqlite3.connect(workplace / ".dagster" / INDEX)) as other, other:
        other.executescript(f"{cut}; DROP TABLE asset_keys;")
    with opened() as again:
        _note(again)
        assert _noted(again) == 1
