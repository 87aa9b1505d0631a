"""Stored tables of a real feed are not replaced by the sandbox's, nor by another feed's, unless a person says so."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest

from planion_assets.config import load
from planion_assets.definitions import defs
from planion_assets.defs.names import STANDALONE
from planion_assets.defs.partitions import conferences
from planion_assets.refresh.feed_note import NOTE, claim
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.feed.server import ScriptedServer, client_of, page_of
from planion_assets_tests.refresh.feed_folders import APPS, KEY, ROWS, configure, every_file, planion
from planion_assets_tests.runs import failure, run


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    """A real feed of 150 sessions."""
    with ScriptedServer(lambda request: page_of(ROWS, request.page)) as server:
        yield server


@pytest.fixture(scope="module")
def shared(server: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a refresh from it has stored."""
    folder = tmp_path_factory.mktemp("real")
    configure(folder, server.url)
    settings = load({}, folder)
    claim(settings)
    with client_of(server) as feed:
        (outcome,) = refresh([KEY], TABLES, LocalStore(Path(settings.data)), lambda _: feed, lambda _: RefreshOptions())
    assert isinstance(outcome, Refreshed)
    return Path(settings.data)


@pytest.fixture
def real(workplace: Path, shared: Path, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That folder as `data` of the current folder, whose planion.yaml names the feed."""
    monkeypatch.setenv("PLANION_TOKEN_AAA", "token")
    configure(workplace, server.url)
    folder = shutil.copytree(shared, workplace / "data")
    assert LocalStore(folder).footer("sessions", KEY).rows == 150
    return folder


def test_a_file_that_was_lost_replaces_nothing(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("planion.yaml").unlink()
    before = every_file(real)
    for environ in ({}, {"PLANION_DATA": str(real)}, {"PLANION_FEED_URL": "http://127.0.0.1:9/feed/v1"}):
        with monkeypatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            for command in (["refresh"], ["refresh", str(KEY)], ["status"], ["status", "--json"]):
                done = planion(*command)
                assert (done.exit_code, done.stdout) == (2, "")
                assert done.stderr.startswith("planion.yaml: the file: is not there, in ")
                assert done.stderr.count("\n") == 1
    assert every_file(real) == before
    assert [path.name for path in Path().iterdir()] == ["data"]


@pytest.mark.parametrize("noted", [True, False], ids=["noted", "of a version without notes"])
@pytest.mark.parametrize("asked", ["variable", "option"])
def test_real_sessions_are_not_replaced_by_made_up_ones(
    real: Path, monkeypatch: pytest.MonkeyPatch, noted: bool, asked: str
) -> None:
    if not noted:
        (real / NOTE).unlink()
    monkeypatch.setenv("PLANION_DATA", str(real))
    if asked == "variable":
        Path("planion.yaml").unlink()
        monkeypatch.setenv("PLANION_SANDBOX", "1")
    option = ["--sandbox"] * (asked == "option")
    before = every_file(real)
    for command in (["refresh"], ["refresh", str(KEY), "--allow-shrink"], ["refresh", "--adopt"], ["status"]):
        done = planion(*command, *option)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "the sandbox" in done.stderr
        assert ("http://127.0.0.1:" in done.stderr) == (noted and "--adopt" not in command)
        assert done.stderr.count("\n") == 1
    assert every_file(real) == before


def test_a_run_of_dagster_and_an_asset_of_ones_own_are_refused_alike(
    real: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(Path(), APPS)
    before = every_file(real)
    refused = f"{real}: the data folder: shows the feed http://127.0.0.1:"
    for select in (["raw_sessions"], ["sessions"], ["conference_status"]):
        assert failure(run(instance, [str(KEY)], select=select))[0].startswith(refused)

    @dg.asset(partitions_def=conferences, io_manager_key=STANDALONE.io_manager_key)
    def mine() -> pa.Table:
        """Anything."""
        return pa.table({"a": [1]})

    definitions = dg.Definitions.merge(defs, dg.Definitions(assets=[mine]))
    failed = run(instance, [str(KEY)], select=["mine"], definitions=definitions)
    (error,) = [event.step_failure_data.error for event in failed.all_events if event.is_step_failure]
    assert error
    assert refused in error.to_string()
    assert every_file(real) == before
    # The sandbox by its variable, in the same folder.
    Path("planion.yaml").unlink()
    monkeypatch.setenv("PLANION_SANDBOX", "1")
    monkeypatch.setenv("PLANION_DATA", "data")
    assert "made-up tables and real ones never share" in failure(run(instance, [str(KEY)], select=["raw_sessions"]))[0]
    assert every_file(real) == before


def test_the_command_says_it_and_writes_nothing(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(lambda request: page_of(ROWS, request.page)) as moved:
        monkeypatch.setenv("PLANION_FEED_URL", moved.url)
        before = every_file(real)
        for command in (["refresh"], ["status"]):
            refused = planion(*command)
            assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
            assert f"and the feed {moved.url} is to be read" in refused.stderr
        assert every_file(real) == before
