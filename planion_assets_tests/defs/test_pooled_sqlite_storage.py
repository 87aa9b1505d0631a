"""Holding Dagster's databases open: that it fails nothing, blocks nobody, and keeps SQLite from closing them."""

import contextlib
import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from planion_assets.defs.pooled_sqlite_storage import held_open
from planion_assets_tests.instances import instance_on_disk

INDEX, RUNS = "history/runs/index.db", "history/runs.db"


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with instance_on_disk(tmp_path / "home") as made:
        yield made


def _file(instance: dg.DagsterInstance, name: str) -> Path:
    return Path(instance.root_directory) / name


def _log(instance: dg.DagsterInstance, name: str) -> Path:
    return _file(instance, f"{name}-wal")


def _note(instance: dg.DagsterInstance) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization("sessions", partition="AAA|AM2036"))


def _noted(instance: dg.DagsterInstance) -> int:
    return len(instance.fetch_materializations(dg.AssetKey("sessions"), limit=10).records)


def test_a_database_that_cannot_be_opened_is_a_warning_and_no_failure(
    on_disk: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise OperationalError("SELECT 1", {}, Exception("unable to open database file"))

    monkeypatch.setattr(sqlalchemy, "create_engine", refuse)  # Dagster has imported its own
    with caplog.at_level(logging.WARNING), held_open(on_disk):
        _note(on_disk)
        assert not _log(on_disk, INDEX).exists()
    assert _noted(on_disk) == 1
    assert (
        "is not held open, so each event takes longer: (builtins.Exception) unable to open database file" in caplog.text
    )


def test_a_storage_that_refuses_is_left_to_fail_where_it_is_used(caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> Any:
        raise OperationalError("SELECT 1", {}, Exception("the server is gone"))

    instance: Any = SimpleNamespace(
        run_storage=SimpleNamespace(connect=refuse), event_log_storage=SimpleNamespace(index_connection=refuse)
    )
    with caplog.at_level(logging.WARNING), held_open(instance):
        pass
    assert caplog.text.count("the server is gone") == 2


def test_storages_that_are_no_SQLite_file_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def fail(*what: object, **_: object) -> Any:
        opened.extend(what)
        raise AssertionError("there is nothing to open")

    monkeypatch.setattr(sqlalchemy, "create_engine", fail)
    with dg.DagsterInstance.ephemeral() as in_memory, held_open(in_memory, "a run"):
        _note(in_memory)
    other: Any = SimpleNamespace(run_storage=object(), event_log_storage=object())
    with held_open(other, "a run"):
        pass
    assert opened == []


def test_what_is_held_blocks_no_other_process(on_disk: dg.DagsterInstance) -> None:
    code = """if True:
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
        connection.execute("CREATE TABLE another (one)")
        print(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    """
    with held_open(on_disk):
        _note(on_disk)
        for name in (INDEX, RUNS):
            command = [sys.executable, "-c", code, str(_file(on_disk, name))]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert (done.stdout.strip(), done.stderr) == ("0", ""), name
        _note(on_disk)
    assert _noted(on_disk) == 2


def test_between_two_events_the_database_stays_open(on_disk: dg.DagsterInstance) -> None:
    log = _log(on_disk, INDEX)
    _note(on_disk)
    assert not log.exists()
    with held_open(on_disk):
        _note(on_disk)
        first = log.stat()
        _note(on_disk)
        assert log.stat().st_ino == first.st_ino
        assert _log(on_disk, RUNS).exists()
    assert not log.exists()
    assert not _log(on_disk, RUNS).exists()
    assert _noted(on_disk) == 3


def test_a_run_has_its_own_database_held_as_long_as_its_step_goes_on(on_disk: dg.DagsterInstance) -> None:
    seen: list[bool] = []

    @dg.op(out={})
    def step(context: dg.OpExecutionContext) -> Iterator[dg.AssetMaterialization]:
        log = _log(context.instance, f"history/runs/{context.run.run_id}.db")
        seen.append(log.exists())
        with held_open(context.instance, context.run.run_id):
            yield dg.AssetMaterialization("sessions", partition="AAA|AM2036")
            seen.append(log.exists())
        seen.append(log.exists())

    assert dg.GraphDefinition("job", node_defs=[step]).to_job().execute_in_process(instance=on_disk).success
    assert seen == [False, True, False]


@contextlib.contextmanager
def _connections() -> Iterator[list[str]]:
    """The databases to which connections are made meanwhile, by any engine of this process."""
    made: list[str] = []

    def note(connection: Any, _: object) -> None:
        made.extend(row[2] for row in connection.execute("PRAGMA database_list"))

    sqlalchemy.event.listen(Pool, "connect", note)
    try:
        yield made
    finally:
        sqlalchemy.event.remove(Pool, "connect", note)


def _events(partition: str) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    yield dg.AssetMaterialization("sessions", partition=partition, tags={"dagster/data_version": "1"})
    yield dg.AssetCheckEvaluation(dg.AssetKey("sessions"), check_name="one", passed=True, partition=partition)


def test_events_and_questions_make_no_connection(on_disk: dg.DagsterInstance) -> None:
    with _connections() as made:
        _note(on_disk)
    assert made  # or this would test nothing

    @dg.op(out={})
    def step(context: dg.OpExecutionContext) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
        with held_open(context.instance, context.run.run_id):
            yield from _events("AAA|AM2036")  # with the first ones Dagster asks which tables it has
            with _connections() as made:
                yield from _events("AAA|AM2037")
                assert _noted(context.instance) == 3
            assert made == []

    ran = dg.GraphDefinition("job", node_defs=[step]).to_job().execute_in_process(instance=on_disk)
    assert ran.success
    stored = on_disk.all_logs(ran.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    assert [event.dagster_event.partition for event in stored if event.dagster_event] == ["AAA|AM2036", "AAA|AM2037"]


def test_afterwards_the_storages_are_as_they_were_also_where_one_holds_within_another(
    on_disk: dg.DagsterInstance,
) -> None:
    events, runs = on_disk.event_log_storage, on_disk.run_storage
    before = (set(vars(runs)), set(vars(events)))
    with held_open(on_disk):
        held = set(vars(events)) - before[1]
        with held_open(on_disk, "a run"):
            _note(on_disk)
        assert set(vars(events)) - before[1] == held != set()
        _note(on_disk)
    assert (set(vars(runs)), set(vars(events))) == before
    assert _noted(on_disk) == 2


def test_what_fails_within_a_use_is_undone(on_disk: dg.DagsterInstance) -> None:
    storage: Any = on_disk.event_log_storage

    def execute(*statements: str) -> Any:
        with storage.index_connection() as connection:
            return [connection.execute(sqlalchemy.text(one)) for one in statements][-1].scalar()

    with held_open(on_disk):
        execute("CREATE TABLE half (one)", "SELECT 1")
        with pytest.raises(OperationalError):
            execute("INSERT INTO half VALUES (1) RETURNING one", "no statement")
        assert execute("SELECT count(*) FROM half") == 0


def test_events_of_another_run_go_to_its_own_database(on_disk: dg.DagsterInstance) -> None:
    @dg.op(out={})
    def nothing() -> Iterator[dg.AssetMaterialization]:
        yield dg.AssetMaterialization("sessions")

    job = dg.GraphDefinition("job", node_defs=[nothing]).to_job()
    with held_open(on_disk, "a run"):
        other = job.execute_in_process(instance=on_disk).run_id
    assert len(on_disk.all_logs(other)) > 3
    assert on_disk.all_logs("a run") == []


def test_of_two_runs_that_overlap_in_one_process_nothing_stays(on_disk: dg.DagsterInstance) -> None:
    events, runs = on_disk.event_log_storage, on_disk.run_storage
    before = (set(vars(runs)), set(vars(events)))
    for _ in range(5):
        together = threading.Barrier(2)

        def hold(run_id: str, together: threading.Barrier = together) -> None:
            together.wait()
            with held_open(on_disk, run_id):
                on_disk.get_runs()

        threads = [threading.Thread(target=hold, args=(run_id,)) for run_id in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (set(vars(runs)), set(vars(events))) == before


def test_a_table_that_is_made_later_is_found(on_disk: dg.DagsterInstance) -> None:
    storage: Any = on_disk.event_log_storage
    with held_open(on_disk):
        assert not storage.has_table("later")
        with storage.index_connection() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE later (one)"))
        assert storage.has_table("later")


def test_an_event_waits_for_another_writer(on_disk: dg.DagsterInstance) -> None:
    with held_open(on_disk), contextlib.closing(_writer(_file(on_disk, INDEX))) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = threading.Timer(0.3, other.execute, ["COMMIT"])
        ended.start()
        _note(on_disk)
        ended.join()
    assert _noted(on_disk) == 1


def _writer(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(database, isolation_level=None, check_same_thread=False)


def test_of_a_complete_database_no_migration_is_loaded(
    on_disk: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    number_of = ScriptDirectory.as_revision_number

    def load(scripts: ScriptDirectory, revision: str) -> Any:
        loaded.append(revision)
        return number_of(scripts, revision)

    monkeypatch.setattr(ScriptDirectory, "as_revision_number", load)
    _note(on_disk)
    with dg.DagsterInstance.from_config(on_disk.root_directory) as again:
        assert again.run_storage.get_runs_count() == 0
        loaded.clear()  # what Dagster has loaded itself, to look at its other databases
        with held_open(again):
            assert _noted(again) == 1
        assert loaded == []


@pytest.mark.parametrize("cut", ["DELETE FROM alembic_version", "DROP TABLE alembic_version"])
def test_a_database_whose_making_was_cut_short_is_completed(on_disk: dg.DagsterInstance, cut: str) -> None:
    with contextlib.closing(sqlite3.connect(_file(on_disk, INDEX))) as other, other:
        other.executescript(f"{cut}; DROP TABLE asset_keys;")
    with dg.DagsterInstance.from_config(on_disk.root_directory) as again, held_open(again):
        assert _log(on_disk, INDEX).exists()
        _note(again)
        assert _noted(again) == 1
