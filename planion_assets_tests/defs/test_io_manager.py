"""Downstream assets of other people: what they get, what becomes of what they return, how they fail."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest

from planion_assets.config import load
from planion_assets.definitions import defs
from planion_assets.defs.names import STANDALONE
from planion_assets.defs.partitions import conferences
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh import change_log
from planion_assets.refresh.feed_note import claim
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox import SandboxServer
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.pages import python_blocks
from planion_assets_tests.runs import CORE, EMPTY, SINGLE, SMALL, materializations, run


def _with(*assets: dg.AssetsDefinition) -> dg.Definitions:
    return dg.Definitions.merge(defs, dg.Definitions(assets=assets))


pytestmark = pytest.mark.usefixtures("only_tables")
IO_MANAGER = STANDALONE.io_manager_key


def _error(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            error = event.step_failure_data.error
            return error.message + (error.cause.message if error.cause else "")
    raise AssertionError("the run did not fail")


KEY = STANDALONE.io_manager_key


@dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER)
def rooms(sessions: pd.DataFrame) -> pd.DataFrame:
    """Sessions per room."""
    return sessions.groupby("roomname", dropna=False).size().reset_index(name="sessions")


@dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER)
def titles(sessions: pa.Table) -> pa.Table:
    """The title of each session."""
    return sessions.select(["schedid", "session_name"])


@dg.asset(io_manager_key=IO_MANAGER)
def totals(sessions: dict[str, pd.DataFrame], session_speakers: dict[str, pa.Table]) -> pd.DataFrame:
    """Sessions and links of every conference."""
    return pd.DataFrame(
        {
            "conference": list(sessions),
            "sessions": [len(table) for table in sessions.values()],
            "links": [session_speakers[key].num_rows for key in sessions],
        }
    )


@dg.asset(io_manager_key=IO_MANAGER)
def of_totals(totals: pd.DataFrame) -> pd.DataFrame:
    """The first row of a table of all conferences."""
    return totals.head(1)


@dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER, backfill_policy=dg.BackfillPolicy.single_run())
def by_key(sessions: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """A table per key of a range."""
    return {key: table.select(["schedid"]) for key, table in sessions.items()}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the tables of three conferences, of which each test has a copy."""
    folder = tmp_path_factory.mktemp("tables")
    with SandboxServer() as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANION_DATA", str(folder / "data"))
        patch.setenv("PLANION_FEED_URL", sandbox.url)
        planion = PlanionResource(sandbox=True)
        keys = [ConferenceKey.parse(key) for key in (SMALL, EMPTY, SINGLE)]
        wanted = [table for table in TABLES if table.name in CORE]
        outcomes = list(refresh(keys, wanted, LocalStore(folder / "data"), planion.client, planion.options))
        assert all(isinstance(outcome, Refreshed) for outcome in outcomes)
    return folder / "data"


@pytest.fixture
def store(configured: Path, tables: Path, instance: dg.DagsterInstance) -> LocalStore:
    """The store of the workplace with the tables of SMALL, EMPTY and SINGLE, whose partitions are registered."""
    claim(load())
    shutil.copytree(tables, configured / "data", dirs_exist_ok=True)
    instance.add_dynamic_partitions(str(conferences.name), [SMALL, EMPTY, SINGLE])
    return LocalStore(configured / "data")


def test_a_conference_that_is_not_stored_fails_by_name(configured: Path, instance: dg.DagsterInstance) -> None:
    error = _error(run(instance, [SMALL], select=["rooms"], definitions=_with(rooms)))
    assert "no table sessions of AAA|AM2036 is stored" in error
    instance.add_dynamic_partitions(str(conferences.name), [SMALL])
    error = _error(_unpartitioned(instance, ["totals"]))
    assert "is stored for any of 1 conferences: materialize it first" in error


def test_an_annotation_that_nothing_can_be_loaded_as_says_what_can(
    configured: Path, instance: dg.DagsterInstance
) -> None:
    @dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER, name="wrong")
    def as_list(sessions: list) -> None:  # type: ignore[type-arg]
        """Takes what the IO manager does not give."""

    error = _error(run(instance, [SMALL], select=["wrong"], definitions=_with(as_list)))
    assert "the IO manager gives pd.DataFrame, pa.Table, dict[str, pd.DataFrame] or dict[str, pa.Table]" in error


@pytest.mark.parametrize(
    ("returned", "reason"),
    [([1], "returned a list; return a pd.DataFrame or a pa.Table"), (None, "returned a NoneType")],
)
def test_a_return_value_that_is_no_table_fails_by_name(
    configured: Path, instance: dg.DagsterInstance, returned: Any, reason: str
) -> None:
    @dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER, name="wrong")
    def returns() -> Any:
        """Returns what the IO manager does not store."""
        return returned

    error = _error(run(instance, [SMALL], select=["wrong"], definitions=_with(returns)))
    assert reason in error


def test_an_asset_cannot_be_called_like_the_folder_that_is_handed_out(
    configured: Path, instance: dg.DagsterInstance
) -> None:
    @dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER)
    def published() -> pd.DataFrame:
        """Would be handed to anybody."""
        return pd.DataFrame({"secret": [1]})

    error = _error(run(instance, [SMALL], select=["published"], definitions=_with(published)))
    assert "an asset cannot be called published" in error
    assert not (configured / "data").exists()


def test_a_stored_table_of_another_schema_is_not_handed_on(configured: Path, instance: dg.DagsterInstance) -> None:
    claim(load())
    LocalStore(configured / "data").write("sessions", ConferenceKey.parse(SMALL), pa.table({"roomname": ["A"]}))
    error = _error(run(instance, [SMALL], select=["rooms"], definitions=_with(rooms)))
    assert "has other columns or types than this code gives table sessions: materialize it again" in error


def test_a_dict_must_hold_the_partitions_of_the_run(configured: Path, instance: dg.DagsterInstance) -> None:
    @dg.asset(
        partitions_def=conferences,
        io_manager_key=IO_MANAGER,
        name="wrong",
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def returns() -> dict[str, pa.Table]:
        """Returns a key of another run."""
        return {"AAA|OTHER": pa.table({"a": [1]})}

    error = _error(run(instance, [SMALL, EMPTY], select=["wrong"], definitions=_with(returns)))
    assert "returned the keys ['AAA|OTHER'] for the partitions ['AAA|AM2036', 'AAA|AM2037']" in error


def test_a_dataframe_and_a_table_of_ones_own_partition(store: LocalStore, instance: dg.DagsterInstance) -> None:
    result = run(instance, [SMALL], select=["rooms", "titles"], definitions=_with(rooms, titles))
    assert result.success
    key = ConferenceKey.parse(SMALL)
    assert sum(row["sessions"] for row in store.read("rooms", key).to_pylist()) == 87
    assert store.read("titles", key).equals(store.read("sessions", key).select(["schedid", "session_name"]))
    event = materializations(result)["titles", SMALL]
    assert event.metadata["dagster/partition_row_count"].value == 87
    path = store.path("titles", key)
    assert (event.metadata["path"].value, event.metadata["dagster/uri"].value) == (str(path), path.as_uri())
    assert event.metadata["dagster/size_bytes"].value == path.stat().st_size


def test_a_downstream_asset_goes_on_in_the_run_of_one_conference_and_a_published_table_is_an_input(
    configured: Path, instance: dg.DagsterInstance
) -> None:
    @dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER)
    def programme(published_sessions: pa.Table) -> pa.Table:
        """Titles that the public may see."""
        return published_sessions.select(["session_name"])

    select = [*CORE, "rooms", "published_sessions", "programme"]
    result = run(instance, [SMALL], select=select, definitions=_with(rooms, programme))
    assert result.success
    assert set(materializations(result)) == {(name, SMALL) for name in select}
    store, key = LocalStore(configured / "data"), ConferenceKey.parse(SMALL)
    assert store.read("rooms", key).num_rows > 1
    assert 0 < store.read("programme", key).num_rows == store.footer("published/published_sessions", key).rows < 87


def test_types_and_nulls_an_index_with_a_name_and_a_prefix_survive(
    store: LocalStore, instance: dg.DagsterInstance
) -> None:
    @dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER, key_prefix="mart", name="sessions")
    def own() -> pd.DataFrame:
        """A table that happens to be called sessions too."""
        return pd.DataFrame({"a": [1]})

    @dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER)
    def counts() -> pd.DataFrame:
        """Counts by room, which groupby puts into the index."""
        return pd.DataFrame({"room": ["A", "A", "B"], "n": [1, 1, 1]}).groupby("room").sum()

    @dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER)
    def same(sessions: pd.DataFrame) -> pd.DataFrame:
        """The table as it came."""
        return sessions

    select = ["mart/sessions", "counts", "same"]
    assert run(instance, [SMALL], select=select, definitions=_with(own, counts, same)).success
    key = ConferenceKey.parse(SMALL)
    # An asset with a prefix does not overwrite a table of the same last name.
    assert store.read("sessions", key).num_rows == 87
    assert store.read("mart.sessions", key).num_rows == 1
    # An index with a name is data.
    assert store.read("counts", key).to_pylist() == [{"room": "A", "n": 2}, {"room": "B", "n": 1}]
    # Types and nulls survive a DataFrame.
    one, two = (store.read(name, key) for name in ("sessions", "same"))
    assert two.cast(one.schema).equals(one)
    assert two.schema.field("session_updated_at").type == one.schema.field("session_updated_at").type
    assert two.schema.field("published").type == pa.bool_()


def test_all_partitions_at_once_and_a_table_of_all(store: LocalStore, instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions(str(conferences.name), ["AAA|never stored"])
    result = _unpartitioned(instance, ["totals", "of_totals"])
    assert result.success
    rows = store.read("totals", None).to_pylist()
    assert [(row["conference"], row["sessions"]) for row in rows] == [(SMALL, 87), (EMPTY, 0), (SINGLE, 1)]
    assert [row["links"] > 0 for row in rows] == [True, False, False]
    assert store.read("of_totals", None).num_rows == 1


def test_changes_come_as_one_table_over_all_files(
    configured: Path, sandbox: SandboxServer, instance: dg.DagsterInstance
) -> None:
    @dg.asset(partitions_def=conferences, io_manager_key=IO_MANAGER)
    def moved(session_changes: pd.DataFrame) -> pd.DataFrame:
        """How often each column changed."""
        return session_changes.groupby("column_name").size().reset_index(name="changes")

    select = ["raw_sessions", "session_changes", "moved"]
    store, key = LocalStore(configured / "data"), ConferenceKey.parse(SMALL)
    assert run(instance, [SMALL], select=select, definitions=_with(moved)).success
    assert store.read("moved", key).num_rows == 0
    planion, raw = PlanionResource(), [table for table in TABLES if table.name == "raw_sessions"]
    sandbox.sandbox.advance(datetime.now(UTC))
    (outcome,) = refresh([key], raw, store, planion.client, planion.options)
    assert isinstance(outcome, Refreshed)
    sandbox.sandbox.advance(datetime.now(UTC))
    assert run(instance, [SMALL], select=select, definitions=_with(moved)).success
    rows = sum(row["changes"] for row in store.read("moved", key).to_pylist())
    table = change_log.read(store, key)
    assert rows == table.num_rows - table["column_name"].null_count > 0
    assert set(table["sequence"].to_pylist()) == {1, 2}


def test_a_range_of_partitions_returns_a_table_per_key(store: LocalStore, instance: dg.DagsterInstance) -> None:
    keys = [SMALL, EMPTY, SINGLE]
    result = run(instance, keys, select=["by_key"], definitions=_with(by_key))
    assert result.success
    assert [store.read("by_key", ConferenceKey.parse(key)).num_rows for key in keys] == [87, 0, 1]
    # One set of metadata for all of them: no count of rows that is of none.
    said = materializations(result)["by_key", SMALL].metadata
    assert {name: value.value for name, value in said.items()} == {"path": str(store.root / "by_key")}


def test_the_example_of_the_tutorial_runs(store: LocalStore, instance: dg.DagsterInstance) -> None:
    (code,) = python_blocks("docs/tutorial/downstream-asset.md")
    module: dict[str, Any] = {"__name__": "my_assets"}
    exec(compile(code, "my_assets.py", "exec"), module)  # noqa: S102 - the project's own page
    result = run(instance, [SMALL], select=["sessions_per_room"], definitions=module["defs"])
    assert result.success
    per_room = store.read("sessions_per_room", ConferenceKey.parse(SMALL))
    assert sum(row["sessions"] for row in per_room.to_pylist()) == 87
    assert set(CORE) <= {key.to_user_string() for key in module["defs"].resolve_all_asset_keys()}


def _unpartitioned(instance: dg.DagsterInstance, select: Sequence[str]) -> dg.ExecuteInProcessResult:
    job = _with(totals, of_totals).resolve_implicit_global_asset_job_def()
    keys = [dg.AssetKey(name) for name in select]
    return job.execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False)
