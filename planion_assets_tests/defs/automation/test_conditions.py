"""An asset downstream is made when, and only when, its conference has another version."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from planion_assets.defs.automation.conditions import on_changed_conference
from planion_assets.defs.partitions import conferences
from planion_assets.sandbox import SandboxServer
from planion_assets_tests.defs.automation.launching import SYNCHRONOUS
from planion_assets_tests.instances import copy_instance
from planion_assets_tests.pages import module_of
from planion_assets_tests.runs import SINGLE, run
from planion_assets_tests.test_examples import DOWNSTREAM

pytestmark = pytest.mark.usefixtures("only_tables")
A, B = "AAA|A", "AAA|B"
EXAMPLE = "sessions_per_room"


@dg.multi_asset(specs=[dg.AssetSpec("sessions", partitions_def=conferences)], partitions_def=conferences)
def upstream(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """A stand-in for the tables, whose data version is a tag of the run."""
    return dg.MaterializeResult("sessions", data_version=dg.DataVersion(context.run.tags["version"]))


def _downstream(condition: dg.AutomationCondition[Any]) -> dg.Definitions:
    @dg.asset(partitions_def=conferences, deps=["sessions"], automation_condition=condition)
    def downstream() -> None: ...

    return dg.Definitions(assets=[upstream, downstream])


@pytest.fixture
def own_instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(conferences.name), [A, B])
        yield instance


def _make(instance: dg.DagsterInstance, key: str, version: str, asset: str = "sessions") -> None:
    tags = {"dagster/data_version": version}
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=key, tags=tags))


def _ticks(
    instance: dg.DagsterInstance, definitions: dg.Definitions, asset: str = "downstream"
) -> Callable[[], set[str]]:
    cursor = None

    def tick() -> set[str]:
        nonlocal cursor
        done = dg.evaluate_automation_conditions(definitions, instance=instance, cursor=cursor)
        cursor = done.cursor
        return set(done.get_requested_partitions(dg.AssetKey(asset)))  # type: ignore[arg-type]

    return tick


@pytest.mark.filterwarnings("ignore:Parameter `include_sources`")
def test_another_version_starts_it_and_nothing_else_does(own_instance: dg.DagsterInstance) -> None:
    _make(own_instance, A, "1")
    definitions = _downstream(on_changed_conference())
    tick = _ticks(own_instance, definitions)
    assert tick() == {A}, "what is there at the beginning is made once"
    assert tick() == set(), "and not again, though it failed"
    _make(own_instance, A, "1")
    assert tick() == set(), "the same version"
    _make(own_instance, A, "2")
    assert tick() == {A}
    _make(own_instance, A, "2", "downstream")
    assert tick() == set()
    _make(own_instance, B, "1")
    assert tick() == {B}, "a conference that comes later"
    job = definitions.resolve_implicit_global_asset_job_def()

    def really(version: str, *assets: str) -> None:
        selection = [dg.AssetKey(asset) for asset in assets]
        tags = {"version": version}
        job.execute_in_process(instance=own_instance, partition_key=B, tags=tags, asset_selection=selection)

    really("2", "downstream")
    really("2", "sessions")
    tick()
    assert tick() == {B}, "a change while it was being made from the version before"
    assert tick() == set()
    really("3", "sessions", "downstream")
    assert [tick(), tick()] == [set(), set()], "made in the same run as its table"


@pytest.mark.filterwarnings("ignore:Parameter `include_sources`")
def test_eager_would_be_started_by_the_same_version(own_instance: dg.DagsterInstance) -> None:
    _make(own_instance, A, "1")
    tick = _ticks(own_instance, _downstream(dg.AutomationCondition.eager()))
    tick()
    _make(own_instance, A, "1")
    assert tick() == {A}


@pytest.mark.filterwarnings("ignore:Parameter `include_sources`")
def test_the_example_of_the_readme_follows_its_conference(
    configured: Path, instance: dg.DagsterInstance, sandbox: SandboxServer
) -> None:
    definitions: dg.Definitions = module_of(DOWNSTREAM, "docs/tutorial/downstream-asset.md")["defs"]
    look = definitions.get_repository_def().get_sensor_def("automation")
    assert look.default_status is dg.DefaultSensorStatus.RUNNING
    tick = _ticks(instance, definitions, EXAMPLE)
    tables = ("raw_sessions", "sessions")
    assert run(instance, [SINGLE], select=tables).success
    assert tick() == {SINGLE}
    assert run(instance, [SINGLE], select=[EXAMPLE], definitions=definitions).success
    assert tick() == set(), "it is made"
    sandbox.sandbox.advance(datetime.now(UTC))
    assert run(instance, [SINGLE], select=tables).success
    assert tick() == {SINGLE}


def _until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.2)


@pytest.fixture
def daemon(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """Dagster's daemon with the tutorial's example; its instance."""
    home = configured / "home"
    copy_instance(home)
    quick = DOWNSTREAM.replace("default_status=", "minimum_interval_seconds=1, default_status=")
    assert quick != DOWNSTREAM
    (configured / "my_assets.py").write_text(quick)
    # The daemon executes runs itself: a process of each would import all that it has imported.
    with (home / "dagster.yaml").open("a", encoding="utf-8") as settings:
        yaml.safe_dump(SYNCHRONOUS, settings)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    # The instance first: two processes that make its databases at once get into each other's way.
    with dg.DagsterInstance.get() as instance:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("dagster-daemon"), "run", "-f", "my_assets.py"],
            stdout=(configured / "daemon.log").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield instance
        finally:
            # Shown where the test fails.
            print((configured / "daemon.log").read_text()[-8000:])
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


# `make test` asks the condition in its own process, and has a daemon start runs in `test_dev.py`.
@pytest.mark.soak
def test_a_daemon_lets_the_example_of_the_readme_follow_its_conference(
    daemon: dg.DagsterInstance, sandbox: SandboxServer
) -> None:
    def materialized() -> int:
        wanted = dg.AssetRecordsFilter(dg.AssetKey(EXAMPLE))
        return len(daemon.fetch_materializations(wanted, limit=10).records)

    def started() -> int:
        """How many runs the condition started; a run is noted before the tick ends that asked for it."""
        return len(daemon.get_run_records(dg.RunsFilter(tags={"dagster/sensor_name": "automation"})))

    def evaluated() -> None:
        """Wait for a tick that began after this moment."""
        (state,) = [s for s in daemon.all_instigator_state() if s.name == "automation"]
        now = time.time()
        _until(
            lambda: any(
                t.timestamp > now and t.end_timestamp
                for t in daemon.get_ticks(state.instigator_origin_id, state.selector_id, limit=3)
            ),
            60,
            "a tick",
        )

    assert run(daemon, [SINGLE]).success
    _until(lambda: materialized() == 1, 180, "the first materialization")
    assert run(daemon, [SINGLE]).success
    evaluated()
    assert started() == 1, "the same version started it"
    sandbox.sandbox.advance(datetime.now(UTC))
    assert run(daemon, [SINGLE]).success
    _until(lambda: materialized() == 2, 180, "the second materialization")
    evaluated()
    assert started() == 2
    assert daemon.get_materialized_partitions(dg.AssetKey(EXAMPLE)) == {SINGLE}
