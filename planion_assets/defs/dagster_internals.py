"""All that goes beyond Dagster's public API, a function each. What breaks with a Dagster release is mended here.

Each function says what it is for; `planion_assets_tests/defs/test_dagster_internals.py` has a test of each. Private
modules of Dagster are imported in this module and in no other.
"""

import contextlib
import logging
import sqlite3
import sys
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import dagster as dg

# By this tag Dagster's storage finds the runs of a repository. A run that is read back does not have it.
REPOSITORY_TAG = ".dagster/repository"
ASSET_JOB = "__ASSET_JOB"  # of runs that materialize a selection of assets, of any project
# The repository and code location that the runs of `planion refresh` belong to: that of workspace.yaml.
COMMAND_REPOSITORY = "__repository__@planion_assets"
BACKFILL_TAG = "dagster/backfill"
DATA_VERSION_TAG = "dagster/data_version"
CODE_VERSION_TAG = "dagster/code_version"

_LAUNCHED_BY = ("dagster/schedule_name", "dagster/sensor_name")
_RECYCLED_AFTER = 3600  # seconds; both as in Dagster's webserver
_CONNECTIONS_AT_ONCE = 20
_VALUES_PER_STATEMENT = 500  # a database takes only so many
_Value = TypeVar("_Value")


def sqlite_run_storage() -> type[Any]:
    """The class of Dagster's runs in SQLite, to be subclassed. `from_local`, `connect`, `_conn_string` are used."""
    from dagster._core.storage.runs import SqliteRunStorage  # here, as in all functions: a code location needs none

    return SqliteRunStorage


def sqlite_event_log_storage() -> type[Any]:
    """The class of Dagster's events in SQLite, to be subclassed.

    `run_connection`, `index_connection`, `conn_string_for_shard`, `path_for_shard`, `has_table`, the lock `_db_lock`,
    `_event_to_row`, `_tags_for_asset_event` and `_update_asset_check_evaluation` are used.
    """
    from dagster._core.storage.event_log import SqliteEventLogStorage

    return SqliteEventLogStorage


def event_tables() -> tuple[Any, Any, Any, Any]:
    """The SQL tables of Dagster's events, of their tags, of the latest one of each asset, and of checks' results."""
    from dagster._core.storage.event_log import schema

    events, tags, assets = schema.SqlEventLogStorageTable, schema.AssetEventTagsTable, schema.AssetKeyTable
    return events, tags, assets, schema.AssetCheckExecutionsTable


def event_record_text(event: str, storage_id: int) -> str:
    """A stored event that is the latest one of its asset as Dagster serializes it, from the serialized event."""
    return f'{{"__class__": "EventLogRecord", "event_log_entry": {event}, "storage_id": {storage_id}}}'


@cache
def share_migrations() -> None:
    """Have all of Dagster's databases that this process opens share one reading of the scripts of its migrations.

    Dagster looks up the latest of ninety scripts for each database that it opens, that of each run among them, and
    loads them all for it: 3 % of the CPU of an unchanged refresh.
    """
    from alembic.script import ScriptDirectory

    read = ScriptDirectory.from_config
    known: dict[str, ScriptDirectory] = {}

    def from_config(config: Any) -> ScriptDirectory:
        place = str(config.get_main_option("script_location"))
        if not place.startswith("dagster"):  # migrations of another project in this process
            return read(config)
        if place not in known:
            known[place] = read(config)
        return known[place]

    named: Any = ScriptDirectory
    named.from_config = from_config


@contextlib.contextmanager
def kept_connections(instance: dg.DagsterInstance) -> Iterator[None]:
    """Let Dagster's storage on a database server keep its connections for the time of the block.

    By default it makes one for each statement. `optimize_for_webserver` is public, the engine is private; so is
    `has_table`, which the events of assets ask by a second connection. A storage that does not connect for each
    statement is left as it is: Dagster's SQLite, and one that somebody has optimized before.
    """
    from sqlalchemy.pool import NullPool

    named: list[Any] = [instance.run_storage, instance.event_log_storage, instance.schedule_storage]
    pooled = {storage: getattr(storage, "_engine", None) for storage in named}
    engines = {
        storage: engine for storage, engine in pooled.items() if isinstance(getattr(engine, "pool", 0), NullPool)
    }
    if not engines:
        yield
        return
    instance.optimize_for_webserver(0, _RECYCLED_AFTER, _CONNECTIONS_AT_ONCE)
    with contextlib.ExitStack() as stack:
        for storage, engine in engines.items():
            if storage._engine is engine:  # one in memory, which nothing is optimized for
                continue
            stack.callback(setattr, storage, "_engine", engine)
            stack.callback(storage._engine.dispose)
            _reconnect_where_cut(storage._engine)
            if hasattr(storage, "has_table"):
                stack.enter_context(_replaced(storage, "has_table", cache(storage.has_table)))
        yield


def _reconnect_where_cut(engine: Any) -> None:
    """Try a kept connection before it is used: the server, or what is before it, may have cut it."""
    import sqlalchemy as sql

    def ping(connection: Any, *_: Any) -> None:
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sql.exc.DisconnectionError from error

    sql.event.listen(engine, "checkout", ping)


def keep_latest_revision(database: Path, timeout: float) -> None:
    """Delete all revisions but the latest that one of Dagster's SQLite databases is noted to have.

    Two processes that make a database at once each note a revision, and then no Dagster opens it. The latest is right:
    whoever comes second finds the tables without a revision, and takes them for those of an older Dagster. Raises
    `sqlite3.DatabaseError` for a file that is none, and LookupError where this Dagster knows none of the revisions.
    """
    with contextlib.closing(sqlite3.connect(database, timeout=timeout)) as connection:
        try:
            noted = {str(row[0]) for row in connection.execute("SELECT version_num FROM alembic_version")}
        except sqlite3.OperationalError:  # no such table yet, or it cannot be opened: left to Dagster
            return
        if len(noted) < 2:
            return
        latest = next((revision for revision in _revisions() if revision in noted), None)
        if latest is None:
            raise LookupError(", ".join(sorted(noted)))
        with connection:
            connection.execute("DELETE FROM alembic_version WHERE version_num <> ?", (latest,))


def _revisions() -> Iterator[str]:
    """The revisions of Dagster's databases, latest first."""
    from alembic.script import ScriptDirectory

    for script in ScriptDirectory(str(files("dagster") / "_core/storage/alembic")).walk_revisions():
        yield script.revision


@contextlib.contextmanager
def without_output_capture(instance: dg.DagsterInstance) -> Iterator[None]:
    """Let what the runs of the block print go to this process's own streams, and nowhere else.

    The programs that Dagster starts to copy it for the run's page can lose the last lines, and print tracebacks when a
    terminal's Ctrl-C reaches them.
    """
    from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager

    with _replaced(instance.compute_log_manager, "capture_logs", NoOpComputeLogManager().capture_logs):
        yield


@contextlib.contextmanager
def runs_of_location(instance: dg.DagsterInstance, module: str) -> Iterator[None]:
    """Have the runs of the block belong to a code location, whose pages list them and can execute them again."""
    from dagster._core.remote_origin import (
        ManagedGrpcPythonEnvCodeLocationOrigin,
        RemoteJobOrigin,
        RemoteRepositoryOrigin,
    )
    from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

    repository, _, location = COMMAND_REPOSITORY.partition("@")
    target = LoadableTargetOrigin(module_name=module, working_directory=str(Path.cwd()))
    origin = RemoteRepositoryOrigin(ManagedGrpcPythonEnvCodeLocationOrigin(target, location), repository)
    create_run_for_job: Any = instance.create_run_for_job

    def created(job_def: dg.JobDefinition, *arguments: Any, **named: Any) -> Any:
        named["remote_job_origin"] = RemoteJobOrigin(origin, job_def.name)
        return create_run_for_job(job_def, *arguments, **named)

    with _replaced(instance, "create_run_for_job", created):
        yield


@contextlib.contextmanager
def _replaced(owner: Any, name: str, method: Any) -> Iterator[None]:
    setattr(owner, name, method)
    try:
        yield
    finally:
        vars(owner).pop(name, None)  # gone where two blocks overlap, as of two resources of a run


def tag_run(instance: dg.DagsterInstance, run_id: str, tags: Mapping[str, str]) -> None:
    """Add tags to a run that has begun."""
    instance.add_run_tags(run_id, tags)


def plan_materialization(instance: dg.DagsterInstance, run: dg.DagsterRun, asset: dg.AssetKey, partition: str) -> None:
    """Store that a run is to materialize a partition, which Dagster shows as failed if the run fails without that.

    Dagster stores such events itself for the assets of an asset job, and for every partition of it.
    """
    from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent

    planned = AssetMaterializationPlannedData(asset, partition=partition)
    event = DagsterEvent.build_asset_materialization_planned_event(run.job_name, run.job_name, planned)
    instance.report_dagster_event(event, run.run_id, logging.DEBUG)


def add_failed_run(
    instance: dg.DagsterInstance,
    like: dg.DagsterRun,
    *,
    run_config: Mapping[str, Any],
    tags: Mapping[str, str],
    step: str,
    planned: Sequence[tuple[dg.AssetKey, str]],
    reasons: Mapping[str, str],
) -> None:
    """Store a failed run of the same job as another run: Dagster shows the (asset, partition) it planned as failed.

    `reasons` are those of the failure of its step, as `dg.Failure` would give them in metadata.
    """
    from dagster._core.events import DagsterEvent
    from dagster._core.execution.plan.objects import ErrorSource, StepFailureData, UserFailureData
    from dagster_shared.error import SerializableErrorInfo

    run = dg.DagsterRun(
        job_name=like.job_name,
        run_id=str(uuid.uuid4()),
        run_config=run_config,
        tags={**{tag: like.tags[tag] for tag in _LAUNCHED_BY if tag in like.tags}, **tags},
        status=dg.DagsterRunStatus.NOT_STARTED,
        job_snapshot_id=like.job_snapshot_id,
        execution_plan_snapshot_id=like.execution_plan_snapshot_id,
        remote_job_origin=like.remote_job_origin,
        job_code_origin=like.job_code_origin,
    )
    instance.add_run(run)
    # Without this event the list of runs says of it "Failed to start".
    start = DagsterEvent(dg.DagsterEventType.RUN_START.value, run.job_name)
    instance.report_dagster_event(start, run.run_id, logging.DEBUG)
    for asset, partition in planned:
        plan_materialization(instance, run, asset, partition)
    text = "\n".join(f"{name}: {reason}" for name, reason in reasons.items())
    error, given = SerializableErrorInfo(text, [], None), UserFailureData("Failure", text, reasons)  # type: ignore[no-untyped-call]
    why = StepFailureData(error, given, ErrorSource.USER_CODE_ERROR)  # type: ignore[no-untyped-call]
    failure = DagsterEvent(
        dg.DagsterEventType.STEP_FAILURE.value, run.job_name, step_key=step, event_specific_data=why, message=text
    )
    instance.report_dagster_event(failure, run.run_id, logging.ERROR)
    instance.report_run_failed(run, text)


def repository_of(run: dg.DagsterRun) -> str | None:
    """The repository and code location that a run was launched from; None for one that ran in its caller's process."""
    return run.remote_job_origin.repository_origin.get_label() if run.remote_job_origin else None


def job_tags(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Mapping[str, str]:
    """The tags of the job that a run executes, as it was when it was launched."""
    return instance.get_job_snapshot(run.job_snapshot_id).tags if run.job_snapshot_id else {}


def last_event_at(instance: dg.DagsterInstance, run_id: str) -> datetime | None:
    """The instant (UTC) of a run's last event; None where it has none."""
    for record in instance.get_records_for_run(run_id, limit=1, ascending=False).records:
        return datetime.fromtimestamp(record.timestamp, UTC)
    return None


def has_materializations(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether a run stored any materialization."""
    of_type = dg.DagsterEventType.ASSET_MATERIALIZATION
    return bool(instance.get_records_for_run(run_id, of_type=of_type, limit=1).records)


def delete_run_files(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete what `delete_run` leaves of a run: its captured output, and on SQLite its emptied event log."""
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    for suffix in ("", "-wal", "-shm"):
        Path(instance.root_directory, "history", "runs", f"{run_id}.db{suffix}").unlink(missing_ok=True)


def latest_storage_ids(instance: dg.DagsterInstance, asset: dg.AssetKey) -> Mapping[str, int]:
    """The storage id of the latest materialization of each partition of an asset."""
    return instance.get_latest_storage_id_by_partition(asset, dg.DagsterEventType.ASSET_MATERIALIZATION)


def latest_data_versions(instance: dg.DagsterInstance, asset: dg.AssetKey, keys: Sequence[str]) -> dict[str, str]:
    """The data version of the latest materialization of each of those partitions that has one."""
    tags = instance.event_log_storage.get_latest_tags_by_partition(
        asset, dg.DagsterEventType.ASSET_MATERIALIZATION, [DATA_VERSION_TAG], asset_partitions=keys
    )
    # One text for all assets of a partition, whose tables have one version: of thousands, most of the memory.
    return {
        sys.intern(key): sys.intern(found[tag]) for key, found in tags.items() if (tag := DATA_VERSION_TAG) in found
    }


def planned_partitions(
    instance: dg.DagsterInstance, asset: dg.AssetKey, keys: Sequence[str], limit: int
) -> list[tuple[str, str]]:
    """(partition, run id) of the last `limit` planned materializations of those partitions, the last first."""
    wanted = dg.EventRecordsFilter(
        dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, asset_key=asset, asset_partitions=keys
    )
    records = instance.event_log_storage.get_event_records(wanted, limit=limit)
    return [(record.partition_key, record.run_id) for record in records if record.partition_key is not None]


def evaluation_target(record: dg.EventLogRecord | None) -> Any:
    """A materialization as the `target_materialization_data` of an `AssetCheckEvaluation`; None where there is none.

    Without it a verdict counts as one about an older materialization, and the UI shows the partition as not evaluated.
    """
    if record is None:
        return None
    from dagster._core.definitions.asset_checks.asset_check_evaluation import (
        AssetCheckEvaluationTargetMaterializationData,
    )

    return AssetCheckEvaluationTargetMaterializationData(
        storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
    )


class LatestVerdict(NamedTuple):
    """The last event of a check of a partition, and the run that planned it.

    `passed` is None where the check was not evaluated since the latest materialization.
    """

    check: dg.AssetCheckKey
    partition: str
    storage_id: int
    run_id: str
    passed: bool | None


def latest_verdicts(instance: dg.DagsterInstance, checks: Sequence[dg.AssetCheckKey]) -> Iterator[LatestVerdict]:
    """The latest verdict of each check on each partition.

    Dagster asks for each check in turn, and keeps 0.6 KiB for each of its partitions until all are there.
    """
    for info in instance.event_log_storage.get_asset_check_partition_info(checks):
        passed = {"SUCCEEDED": True, "FAILED": False}.get(info.latest_execution_status.value)
        yield LatestVerdict(
            info.check_key,
            # One text for all checks of a partition: of thousands, most of the memory.
            sys.intern(str(info.partition_key)),
            info.latest_check_event_storage_id,
            info.latest_planned_run_id,
            passed if info.is_current else None,
        )


def last_evaluation_metadata(
    instance: dg.DagsterInstance, checks: Sequence[dg.AssetCheckKey]
) -> dict[dg.AssetCheckKey, Mapping[str, dg.MetadataValue[Any]]]:
    """The metadata of each check's last evaluation, of whichever partition; empty where there is none."""
    summaries = instance.event_log_storage.get_asset_check_summary_records(checks)
    last = {check: summaries[check].last_completed_check_execution_record for check in checks}
    return {check: one.evaluation.metadata if one and one.evaluation else {} for check, one in last.items()}


def delete_check_results(instance: dg.DagsterInstance, assets: Collection[dg.AssetKey], run_ids: Sequence[str]) -> None:
    """Delete the results of those assets' checks that the runs stored, but for the newest of each check and partition.

    Dagster keeps them for ever and has no call for it: with a dozen checks they are most of what a year leaves. A
    storage that is no SQL database is left as it is.
    """
    import sqlalchemy as sql

    connect = getattr(instance.event_log_storage, "index_connection", None)
    if connect is None:
        return
    names = ("id", "run_id", "asset_key", "check_name", "partition")
    table = sql.table("asset_check_executions", *(sql.column(name) for name in names))
    own = table.c.asset_key.in_([key.to_string() for key in assets])
    group = (table.c.asset_key, table.c.check_name, table.c.partition)
    with connect() as connection:
        newest = set(connection.execute(sql.select(sql.func.max(table.c.id)).where(own).group_by(*group)).scalars())
        for some in in_parts(run_ids):
            stored = connection.execute(sql.select(table.c.id).where(own, table.c.run_id.in_(some))).scalars()
            for numbers in in_parts(sorted(set(stored) - newest)):
                connection.execute(sql.delete(table).where(table.c.id.in_(numbers)))


def in_parts(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """The values in batches that one SQL statement can take."""
    for start in range(0, len(values), _VALUES_PER_STATEMENT):
        yield values[start : start + _VALUES_PER_STATEMENT]
