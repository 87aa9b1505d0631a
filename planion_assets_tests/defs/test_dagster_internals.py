"""What the project uses beyond Dagster's public API: each test fails when a release of Dagster takes it away."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import dagster as dg
import pytest
import sqlalchemy
from alembic.config import Config
from alembic.script import ScriptDirectory

from planion_assets.defs import dagster_internals

ASSET, CHECK = dg.AssetKey("internals"), dg.AssetCheckKey(dg.AssetKey("internals"), "one")
PARTITIONS = dg.DynamicPartitionsDefinition(name="internals")


@dg.multi_asset(
    name="internals_step",
    specs=[dg.AssetSpec(ASSET, partitions_def=PARTITIONS, skippable=True)],
    check_specs=[dg.AssetCheckSpec("one", asset=ASSET)],
    can_subset=True,
)
def _asset(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckEvaluation]:
    yield dg.MaterializeResult(ASSET, data_version=dg.DataVersion(f"version of {context.partition_key}"))
    record = internals_record(context.instance, context.partition_key)
    yield dg.AssetCheckEvaluation(
        asset_key=ASSET,
        check_name="one",
        passed=True,
        partition=context.partition_key,
        metadata={"mark": context.partition_key},
        target_materialization_data=dagster_internals.evaluation_target(record),
    )


def internals_record(instance: dg.DagsterInstance, partition: str) -> dg.EventLogRecord:
    """The latest materialization of a partition."""
    wanted = dg.AssetRecordsFilter(asset_key=ASSET, asset_partitions=[partition])
    return instance.fetch_materializations(wanted, limit=1).records[0]


_JOB_ASSETS = dg.AssetSelection.assets(ASSET).without_checks()
DEFINITIONS = dg.Definitions(
    assets=[_asset],
    jobs=[dg.define_asset_job("job", selection=_JOB_ASSETS, tags={"of": "the job"})],
)


@pytest.fixture(scope="module")
def stored() -> Iterator[tuple[dg.DagsterInstance, dict[str, str]]]:
    """An instance on disk with a run for each of the partitions a and b: the run ids by partition."""
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("internals", ["a", "b"])
        job = DEFINITIONS.resolve_job_def("job")
        yield instance, {key: job.execute_in_process(instance=instance, partition_key=key).run_id for key in "ab"}


Stored = tuple[dg.DagsterInstance, dict[str, str]]


def test_sqlite_run_storage(tmp_path: Path) -> None:
    base = dagster_internals.sqlite_run_storage()
    assert base.config_type().keys() == {"base_dir"}
    storage = base.from_local(str(tmp_path))
    assert storage._conn_string.endswith("/runs.db")
    with storage.connect() as connection:
        assert connection.in_transaction()


def test_sqlite_event_log_storage(tmp_path: Path) -> None:
    storage = dagster_internals.sqlite_event_log_storage()(str(tmp_path))
    assert storage.config_type().keys() == {"base_dir"}
    assert storage.conn_string_for_shard("index").endswith("/index.db")
    assert Path(storage.path_for_shard("index")) == tmp_path / "index.db"
    assert storage.has_table("asset_keys")
    assert callable(storage._store_runless_asset_check_evaluation)
    assert callable(storage._update_asset_check_evaluation)
    with storage.index_connection():
        assert storage._db_lock.locked()
    with storage.run_connection("a run"):
        assert storage._db_lock.locked()
        assert (tmp_path / "a run.db").is_file()


def test_event_tables_and_event_record_text(stored: Stored) -> None:
    instance, _ = stored
    storage: Any = instance.event_log_storage
    events, tags, assets, verdicts = dagster_internals.event_tables()
    with storage.index_connection() as connection:
        text = connection.execute(sqlalchemy.select(assets.c.last_materialization)).scalar_one()
        ids = {row.event: row.id for row in connection.execute(sqlalchemy.select(events))}
        assert connection.execute(sqlalchemy.select(verdicts)).fetchall()
        assert connection.execute(sqlalchemy.select(tags)).fetchall()
    assert text in {dagster_internals.event_record_text(event, number) for event, number in ids.items()}


def test_keep_latest_revision(tmp_path: Path) -> None:
    dagster_internals.sqlite_event_log_storage()(str(tmp_path))
    database = tmp_path / "index.db"

    def noted() -> list[str]:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            return [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]

    head, older = noted()[0], list(dagster_internals._revisions())[-1]
    assert next(dagster_internals._revisions()) == head
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO alembic_version VALUES (?)", (older,))
    dagster_internals.keep_latest_revision(database, 1)
    assert noted() == [head]


def test_share_migrations(tmp_path: Path) -> None:
    dagster_internals.share_migrations()
    reads: list[str] = []

    def load(directory: ScriptDirectory) -> Iterator[Any]:
        reads.append(directory.dir)
        yield from ()

    with patch.object(ScriptDirectory, "_load_revisions", load):
        for _ in range(2):
            host = Config()
            host.set_main_option("script_location", str(tmp_path))
            assert ScriptDirectory.from_config(host).as_revision_number("head") is None
    assert reads == [str(tmp_path)] * 2  # another project's migrations are read each time
    versions = set()
    for name in ("one", "another"):
        storage = dagster_internals.sqlite_event_log_storage()(str(tmp_path / name))
        with patch.object(ScriptDirectory, "_load_revisions", side_effect=AssertionError):
            versions.add(storage.alembic_version())
    assert versions == {(latest := next(dagster_internals._revisions()), latest)}


def test_without_output_capture(stored: Stored, capfd: pytest.CaptureFixture[str]) -> None:
    instance, _ = stored

    @dg.job
    def printing() -> None:
        @dg.op
        def one() -> None:
            print("printed")

        one()

    manager: Any = instance.compute_log_manager

    def captured(run_id: str) -> list[Path]:
        return list(Path(instance.root_directory, "storage", run_id).rglob("*.out"))

    with dagster_internals.without_output_capture(instance), patch("subprocess.Popen", side_effect=AssertionError):
        assert captured(printing.execute_in_process(instance=instance).run_id) == []
    assert "printed" in capfd.readouterr().out
    assert captured(printing.execute_in_process(instance=instance).run_id), "of other runs of the process"
    assert "capture_logs" not in vars(manager)


def test_tag_run_job_tags_and_repository_of(stored: Stored) -> None:
    instance, runs = stored
    dagster_internals.tag_run(instance, runs["a"], {"later": "told"})
    run = instance.get_run_by_id(runs["a"])
    assert run is not None
    assert run.tags["later"] == "told"
    assert dagster_internals.job_tags(instance, run)["of"] == "the job"
    assert dagster_internals.repository_of(run) is None  # one of the UI: `automation/test_shared_instance.py`


def test_last_event_at_and_has_materializations(stored: Stored) -> None:
    instance, runs = stored
    last = dagster_internals.last_event_at(instance, runs["a"])
    created = instance.get_run_records(dg.RunsFilter(run_ids=[runs["a"]]))[0].create_timestamp
    assert last is not None
    assert 0 <= (last - created).total_seconds() < 60
    assert dagster_internals.last_event_at(instance, "no run") is None
    assert dagster_internals.has_materializations(instance, runs["a"])
    assert not dagster_internals.has_materializations(instance, "no run")


def test_latest_storage_ids_and_data_versions(stored: Stored) -> None:
    instance, _ = stored
    ids = {key: internals_record(instance, key).storage_id for key in "ab"}
    assert dagster_internals.latest_storage_ids(instance, ASSET) == ids
    assert dagster_internals.latest_data_versions(instance, ASSET, ["a", "b", "c"]) == {
        "a": "version of a",
        "b": "version of b",
    }
    first, again = (dagster_internals.latest_data_versions(instance, ASSET, ["a"])["a"] for _ in range(2))
    assert first is again, "ten thousand partitions of two dozen assets are kept for a run"


def test_planned_partitions(stored: Stored) -> None:
    instance, runs = stored
    assert dagster_internals.planned_partitions(instance, ASSET, ["a", "b"], 9) == [("b", runs["b"]), ("a", runs["a"])]
    assert dagster_internals.planned_partitions(instance, ASSET, ["a", "b"], 1) == [("b", runs["b"])]


def test_evaluation_target_and_last_evaluation_metadata(stored: Stored) -> None:
    instance, _ = stored
    metadata = dagster_internals.last_evaluation_metadata(instance, [CHECK])[CHECK]
    assert metadata["mark"].value == "b"


def test_latest_verdicts(stored: Stored) -> None:
    instance, _ = stored
    verdicts = list(dagster_internals.latest_verdicts(instance, [CHECK]))
    found = {verdict.partition: (verdict.check, verdict.passed) for verdict in verdicts}
    assert found == {"a": (CHECK, True), "b": (CHECK, True)}
    assert all(verdict.storage_id > internals_record(instance, verdict.partition).storage_id for verdict in verdicts)
    runs = {verdict.run_id for verdict in verdicts}
    assert runs <= {run.run_id for run in instance.get_runs()}


def test_delete_run_files_and_check_results() -> None:
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("internals", ["a"])
        job = DEFINITIONS.resolve_job_def("job")
        old, new = (job.execute_in_process(instance=instance, partition_key="a").run_id for _ in range(2))
        log = Path(instance.root_directory, "history", "runs", f"{old}.db")
        output = Path(instance.root_directory, "storage", old)
        assert log.is_file()
        assert output.is_dir()
        dagster_internals.delete_run_files(instance, old)
        assert not log.exists()
        assert not output.exists()

        def results() -> list[str]:
            with contextlib.closing(sqlite3.connect(log.with_name("index.db"))) as connection:
                found = connection.execute("SELECT run_id FROM asset_check_executions WHERE check_name = 'one'")
                return [row[0] for row in found]

        assert set(results()) == {old, new}
        dagster_internals.delete_check_results(instance, [ASSET], [old, new])
        assert set(results()) == {new}


def test_add_failed_run(stored: Stored) -> None:
    instance, runs = stored
    instance.add_dynamic_partitions("internals", ["c"])
    like = instance.get_run_by_id(runs["a"])
    assert like is not None
    config = {"ops": {"internals_step": {"config": {"only": "c"}}}}
    dagster_internals.add_failed_run(
        instance,
        like,
        run_config=config,
        tags={"of": "c"},
        step="internals_step",
        planned=[(ASSET, "c")],
        reasons={"c": "refused"},
    )
    (record,) = instance.get_run_records(dg.RunsFilter(tags={"of": "c"}))
    run = record.dagster_run
    assert (run.job_name, run.run_config, run.status) == (like.job_name, config, dg.DagsterRunStatus.FAILURE)
    assert run.job_snapshot_id == like.job_snapshot_id
    assert record.start_time is not None  # else the UI calls it one that failed to start
    (failed,) = instance.all_logs(run.run_id, dg.DagsterEventType.STEP_FAILURE)
    assert failed.dagster_event is not None
    given = failed.dagster_event.step_failure_data.user_failure_data
    assert given is not None
    assert {name: value.value for name, value in given.metadata.items()} == {"c": "refused"}
    statuses = instance.get_status_by_partition(ASSET, ["a", "c"], PARTITIONS) or {}
    assert {key: status.value for key, status in statuses.items() if status} == {"a": "MATERIALIZED", "c": "FAILED"}
    instance.delete_run(run.run_id)
    instance.delete_dynamic_partition("internals", "c")


def test_plan_materialization(stored: Stored) -> None:
    instance, runs = stored
    run = instance.get_run_by_id(runs["a"])
    assert run is not None
    dagster_internals.plan_materialization(instance, run, ASSET, "a")
    assert dagster_internals.planned_partitions(instance, ASSET, ["a"], limit=1) == [("a", run.run_id)]


def test_runs_of_location(stored: Stored) -> None:
    instance, _ = stored
    job = DEFINITIONS.resolve_job_def("job")
    with dagster_internals.runs_of_location(instance, "planion_assets.definitions"):
        run_id = job.execute_in_process(instance=instance, partition_key="a").run_id
    (record,) = instance.get_run_records(
        dg.RunsFilter(job_name="job", tags={dagster_internals.REPOSITORY_TAG: dagster_internals.COMMAND_REPOSITORY})
    )
    run = record.dagster_run
    assert (run.run_id, dagster_internals.repository_of(run)) == (run_id, dagster_internals.COMMAND_REPOSITORY)
    assert run.remote_job_origin is not None
    assert run.remote_job_origin.job_name == "job"
    outside = job.execute_in_process(instance=instance, partition_key="a").run_id
    assert dagster_internals.repository_of(instance.get_run_by_id(outside)) is None  # type: ignore[arg-type]


def test_kept_connections_leaves_sqlite_as_it_is(stored: Stored) -> None:
    instance, runs = stored
    with patch.object(instance, "optimize_for_webserver") as optimized, dagster_internals.kept_connections(instance):
        assert instance.get_run_by_id(runs["a"]) is not None
    optimized.assert_not_called()


def test_kept_connections_adds_nothing_to_storage_in_memory_which_no_call_optimizes() -> None:
    storage = Mock(_engine=sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.NullPool))
    instance = Mock(run_storage=storage, event_log_storage=storage, schedule_storage=None)
    with dagster_internals.kept_connections(instance):
        instance.optimize_for_webserver.assert_called_once()
    assert len(storage._engine.pool.dispatch.checkout) == 0, "each connection of later runs would be asked once more"


def test_a_method_is_the_owner_s_own_again_after_blocks_that_overlap() -> None:
    owner: Any = type("Owner", (), {"name": lambda _: "own"})()
    one, two = (dagster_internals._replaced(owner, "name", lambda text=text: text) for text in ("one", "two"))
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    two.__exit__(None, None, None)
    assert owner.name() == "own"
