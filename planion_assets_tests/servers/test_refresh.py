"""The sandbox in a bucket is what it is in a folder, for each table, and for every command and asset that reads it."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets.config import load
from planion_assets.definitions import defs
from planion_assets.refresh import change_log
from planion_assets.refresh.stores import store_of
from planion_assets.sandbox import CONFERENCES, SandboxServer
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.runs import SMALL
from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.stored import sandbox_in, store_sandbox, tables_of

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def feed() -> Iterator[SandboxServer]:
    """The sandbox, read into a folder and into each bucket."""
    with SandboxServer() as server:
        yield server


@pytest.fixture(scope="module")
def local(feed: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """The tables of a folder by name of their file."""
    folder = tmp_path_factory.mktemp("local")
    with sandbox_in("data", feed, folder, {}):
        store_sandbox()
    files = (folder / "data").rglob("*.parquet")
    return {str(path.relative_to(folder / "data")): pq.read_table(path, partitioning=None) for path in files}


@pytest.mark.long
def test_every_table_equals_the_one_in_a_folder(
    bucket: Bucket, feed: SandboxServer, local: dict[str, pa.Table], tmp_path: Path
) -> None:
    below = bucket.below("some/prefix")
    with sandbox_in(below.address, feed, tmp_path, bucket.conventions):
        store_sandbox()
    found = {name: pq.read_table(io.BytesIO(content)) for name, content in tables_of(below).items()}
    assert found.keys() == local.keys()
    assert len(found) >= len(TABLES) * len(CONFERENCES) / 2
    for name, table in local.items():
        # When a refresh read a snapshot is in the rows of the change log alone.
        columns = [column for column in table.column_names if column != "changed_at"]
        assert found[name].select(columns).equals(table.select(columns)), name
    assert all(name.startswith("some/prefix/") for name in bucket.names())
    assert list(tmp_path.iterdir()) == []


def _planion(*arguments: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(main, list(arguments))


@pytest.mark.long
def test_commands_assets_and_checks_work_on_a_bucket(bucket: Bucket, feed: SandboxServer, tmp_path: Path) -> None:
    with sandbox_in(f"{bucket.address}/tables", feed, tmp_path, bucket.conventions):
        for said in ("0 unchanged, 1 changed", "1 unchanged, 0 changed"):
            done = _planion("refresh", SMALL)
            assert (done.exit_code, done.stderr) == (0, "")
            assert said in done.stdout
            assert f"tables in {bucket.address}/tables" in done.stdout
        assert _planion("check", SMALL).exit_code == 0
        assert len(json.loads(_planion("status", "--json").stdout)) == len(CONFERENCES)
        verified = _planion("verify", SMALL)
        assert (verified.exit_code, verified.stderr) == (0, "")
        assert "0 damaged" in verified.stdout
        settings = load()
        (key,) = store_of(settings).keys("sessions")
        assert str(key) == SMALL
        assert change_log.read(store_of(settings), key).num_rows == 0
        _materialize_downstream(tmp_path)
    names = [name.removeprefix("tables/") for name in bucket.names()]
    assert "conference_status.parquet" in names
    assert f"rooms/{'/'.join(SMALL.split('|'))}.parquet" in names


def _materialize_downstream(folder: Path) -> None:
    """An asset of one's own that reads a table by the IO manager and stores one beside it."""

    @dg.asset(
        partitions_def=dg.DynamicPartitionsDefinition(name="conferences"),
        ins={"sessions": dg.AssetIn()},
        io_manager_key="planion_io_manager",
    )
    def rooms(sessions: pa.Table) -> pa.Table:
        return sessions.group_by("roomname").aggregate([("schedid", "count")])

    with dg.instance_for_test(temp_dir=str(folder)) as instance:
        instance.add_dynamic_partitions("conferences", [SMALL])
        job = dg.Definitions.merge(defs, dg.Definitions([rooms])).resolve_implicit_global_asset_job_def()
        done = job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey("rooms")], partition_key=SMALL)
        assert done.success
