"""What is stored of results: row by row what Dagster's own storage of this release stores."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg

from planion_assets.defs.dagster_internals import evaluation_target, sqlite_event_log_storage
from planion_assets.defs.result_storage import ResultStorage
from planion_assets_tests.instances import instance_on_disk

_TABLES = ("event_logs", "asset_keys", "asset_event_tags", "asset_check_executions")
_KEY = dg.AssetKey(["pre", "sessions"])
_MATERIALIZED = dg.DagsterEventType.ASSET_MATERIALIZATION


@dg.op(out={})
def _results(context: dg.OpExecutionContext) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    for partition in ("A|1", 'É "|2', "A|1", None):
        tags = {"dagster/data_version": "1", "dagster/code_version": "2"} if partition else {}
        yield dg.AssetMaterialization(_KEY, partition=partition, metadata={"rows": 1, "é": "ü"}, tags=tags)
    record = context.instance.fetch_materializations(_KEY, limit=1).records[0]
    yield dg.AssetMaterialization("another")
    for passed, partition in ((True, "A|1"), (False, 'É "|2'), (True, None), (False, "A|1"), (True, None)):
        yield dg.AssetCheckEvaluation(
            asset_key=_KEY,
            check_name="one",
            passed=passed,
            partition=partition,
            target_materialization_data=evaluation_target(record) if passed else None,
        )


def _rows(folder: Path, run_id: str) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for name, tables in ((run_id, _TABLES[:1]), ("index", _TABLES)):
        with closing(sqlite3.connect(folder / f"{name}.db")) as database:
            for table in tables:
                columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
                selected = ", ".join(column for column in columns if column != "create_timestamp")
                found[f"{name}: {table}"] = database.execute(f"SELECT {selected} FROM {table} ORDER BY 1").fetchall()  # noqa: S608
    return found


def test_every_row_is_what_dagster_stores(tmp_path: Path) -> None:
    with instance_on_disk(tmp_path / "home") as instance:
        ran = dg.GraphDefinition("job", node_defs=[_results]).to_job().execute_in_process(instance=instance)
        events = list(instance.all_logs(ran.run_id))
    # Of an instance from the outside, which has no run.
    events += [event._replace(run_id="") for event in events if event.dagster_event_type is _MATERIALIZED]
    stored = []
    for name, storage in (("dagster", sqlite_event_log_storage()), ("results", ResultStorage)):
        opened = storage(str(tmp_path / name))
        for event in events:
            opened.store_event(event)
        opened.dispose()
        stored.append(_rows(tmp_path / name, ran.run_id))
    assert stored[0] == stored[1]
    assert [len(rows) for rows in stored[0].values()] == [len(events) - 5, 17, 2, 6, 3]
