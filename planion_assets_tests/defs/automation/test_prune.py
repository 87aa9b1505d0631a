"""Pruning: what is deleted of old runs, and what Dagster still knows afterwards. The clock is an argument.

The runs are launched as the UI launches them, from this project and two others that share its Dagster instance. Each
test has a copy of that instance.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from planion_assets.cli.main import main
from planion_assets.config import Config, load
from planion_assets.definitions import defs
from planion_assets.defs.automation.prune import FRESHNESS_FOR, QUIET_FOR, Pruned, prune_runs
from planion_assets.defs.automation.refresh_sensor import refresh_requests
from planion_assets.defs.automation.run_tags import own_jobs
from planion_assets.defs.names import STANDALONE
from planion_assets.sandbox import SandboxServer
from planion_assets_tests.conftest import write_config
from planion_assets_tests.defs.automation import their_project
from planion_assets_tests.defs.automation.launching import IN_PROCESS, OURS, SECOND, THEIRS, Launcher, launching
from planion_assets_tests.runs import CORE, SINGLE, only_checks, refreshing

PARTITION = {"dagster/partition": SINGLE}
ASSETS: dict[str, Any] = {"assets": ["session_tracks", "sessions"], "tags": PARTITION, "config": IN_PROCESS}
ONE = {"ops": {"refresh_conferences": {"config": {"conferences": [SINGLE]}}}}


@dataclass(frozen=True)
class Noted:
    """The ids of the runs that an instance has: its folder, and when the last of them ended."""

    home: Path
    ours: dict[str, str]
    others: dict[str, str]
    end: datetime


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Noted]:
    """Runs of three projects, made once. The working directory is that of the settings for the whole module."""
    folder = tmp_path_factory.mktemp("three_projects")
    with pytest.MonkeyPatch.context() as patch, SandboxServer() as feed:
        patch.chdir(folder)
        for name, value in (("PLANION_SANDBOX", "1"), ("PLANION_FEED_URL", feed.url), ("PLANION_DATA", "data")):
            patch.setenv(name, value)
        tables = refreshing([*CORE, "rejected_items", "session_tracks"])
        with tables, only_checks("schedid_is_unique"), launching(folder / "home") as launcher:
            yield _launched(folder / "home", launcher)


def _launched(home: Path, launcher: Launcher) -> Noted:
    instance = launcher.instance

    def ours(job: str = "__ASSET_JOB", **more: object) -> str:
        return launcher.launch(OURS, job, **more).run_id  # type: ignore[arg-type]

    found = {
        "first refresh": ours("refresh_active", config=ONE),
        "older assets": ours(**ASSETS),
        "newer assets": ours(**ASSETS),
        "older freshness": ours("check_freshness"),
        "newer freshness": ours("check_freshness"),
        "scheduled": ours("refresh_active", tags=_tags_of_the_schedule(instance), config=ONE),
    }
    assert CliRunner(catch_exceptions=False).invoke(main, ["refresh", SINGLE]).exit_code == 0
    found["command"] = instance.get_run_records(limit=1)[0].dagster_run.run_id
    in_process = their_project.job("refresh_active").execute_in_process(instance=instance, tags={"make": "A|1"})
    others = {
        "second project": launcher.launch(SECOND, "refresh_active", config=ONE).run_id,
        "their refresh": launcher.launch(THEIRS, "refresh_active", tags={"make": f"{SINGLE},A|1"}).run_id,
        "their assets": launcher.launch(THEIRS, assets=["their_table"]).run_id,
        "in their process": in_process.run_id,
    }
    found["pruning"] = ours("prune")
    assert all(record.dagster_run.is_success for record in instance.get_run_records())
    return Noted(home, found, others, datetime.now(UTC))


def _tags_of_the_schedule(instance: dg.DagsterInstance) -> dict[str, str]:
    requests = refresh_requests(instance, load(), STANDALONE, datetime.now(UTC))
    assert isinstance(requests, list)
    (request,) = requests
    return dict(request.tags)


@pytest.fixture
def instance(noted: Noted, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A copy of the instance."""
    shutil.copytree(noted.home, tmp_path / "home")
    settings = tmp_path / "home" / "dagster.yaml"
    settings.write_text(settings.read_text().replace(str(noted.home), str(settings.parent)))
    with dg.DagsterInstance.from_config(str(tmp_path / "home")) as instance:
        yield instance


def _prune(instance: dg.DagsterInstance, noted: Noted, settings: Config | None = None, **later: float) -> Pruned:
    pruning = instance.get_run_by_id(noted.ours["pruning"])
    assert pruning is not None
    return prune_runs(instance, settings or load(), STANDALONE, pruning, noted.end + timedelta(**later))


def _gone(instance: dg.DagsterInstance, noted: Noted) -> set[str]:
    """The names of the runs that are no longer there."""
    there = {record.dagster_run.run_id for record in instance.get_run_records()}
    names = {**noted.ours, **noted.others}
    return {name for name, run_id in names.items() if run_id not in there}


def _verdicts(instance: dg.DagsterInstance, noted: Noted, table: str, check: str) -> list[str]:
    """The names of the runs that gave a verdict of a check, newest first."""
    names = {run_id: name for name, run_id in {**noted.ours, **noted.others}.items()}
    key = STANDALONE.check_key(table, check)
    records = instance.event_log_storage.get_asset_check_execution_history(key, limit=100)
    return [names[record.run_id] for record in records]


def test_only_own_runs_go_and_what_dagster_knows_of_partitions_stays(
    instance: dg.DagsterInstance, noted: Noted
) -> None:
    unique, read, older = (
        ("sessions", "schedid_is_unique"),
        ("conference_status", "feed_is_read"),
        noted.ours["older assets"],
    )
    assert _verdicts(instance, noted, *unique) == ["scheduled", "newer assets", "older assets", "first refresh"]
    versions = {key: _version(instance, key) for key in STANDALONE.asset_keys}
    assert list(Path(instance.root_directory).rglob(f"*{older}*"))
    assert _prune(instance, noted, days=31) == Pruned(old=5, quiet=0, remaining=3)
    assert _gone(instance, noted) == {"older assets", "older freshness", "scheduled", "command", "pruning"}
    assert {key: _version(instance, key) for key in STANDALONE.asset_keys} == versions
    # The newest verdict outlives its run.
    assert _verdicts(instance, noted, *unique) == ["scheduled", "newer assets", "first refresh"]
    assert _verdicts(instance, noted, *read) == ["newer freshness", "newer assets", "first refresh"]
    assert set(_verdicts(instance, noted, "sessions", "a_check")) == {"their refresh", "in their process"}
    assert not list(Path(instance.root_directory).rglob(f"*{older}*"))


def _version(instance: dg.DagsterInstance, key: dg.AssetKey) -> tuple[str, str | None] | None:
    """The run and the data version of the newest materialization of an asset's partition."""
    partitions = None if key == dg.AssetKey("conference_status") else [SINGLE]
    wanted = dg.AssetRecordsFilter(key, asset_partitions=partitions)
    for record in instance.fetch_materializations(wanted, limit=1).records:
        assert record.asset_materialization
        return record.run_id, (record.asset_materialization.tags or {}).get("dagster/data_version")
    return None


def test_runs_that_told_little_go_sooner(instance: dg.DagsterInstance, noted: Noted) -> None:
    assert _prune(instance, noted, hours=23) == Pruned(0, 0, 0)
    assert _prune(instance, noted, days=3, settings=_with_interval(timedelta(days=2))) == Pruned(0, 0, 0)
    assert timedelta(hours=25) > QUIET_FOR
    assert _prune(instance, noted, hours=25) == Pruned(old=0, quiet=1, remaining=0)
    assert _gone(instance, noted) == {"scheduled"}
    assert timedelta(days=8) > FRESHNESS_FOR
    assert _prune(instance, noted, days=8) == Pruned(old=0, quiet=1, remaining=0)
    assert _gone(instance, noted) == {"scheduled", "older freshness"}


def _with_interval(interval: timedelta) -> Config:
    """The settings with another `refresh_interval`: the schedule needs the tags of its last run for twice as long."""
    settings = load()
    return settings.model_copy(update={"refresh_interval": interval})


def test_a_pruning_run_of_no_location_deletes_the_runs_of_the_command_alone(
    instance: dg.DagsterInstance, noted: Noted
) -> None:
    pruning = instance.create_run_for_job(defs.resolve_job_def("prune"))
    prune_runs(instance, load(), STANDALONE, pruning, noted.end + timedelta(days=31))
    assert _gone(instance, noted) == {"command"}


def test_the_runs_of_a_command_for_another_data_folder_stay(
    instance: dg.DagsterInstance, noted: Noted, tmp_path: Path
) -> None:
    other = load().model_copy(update={"data": tmp_path / "other"})
    _prune(instance, noted, settings=other, days=31)
    assert _gone(instance, noted) == {"older assets", "older freshness", "scheduled", "pruning"}


def test_assets_of_other_projects_are_never_asked_for(
    instance: dg.DagsterInstance, noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, asked = instance.event_log_storage, []
    fetch = storage.fetch_materializations

    def spy(wanted: dg.AssetKey | dg.AssetRecordsFilter, *more: Any) -> Any:
        asked.append(wanted if isinstance(wanted, dg.AssetKey) else wanted.asset_key)
        return fetch(wanted, *more)

    monkeypatch.setattr(storage, "fetch_materializations", spy)
    _prune(instance, noted, days=31)
    assert set(asked) == set(STANDALONE.asset_keys)
    assert len(asked) <= 3 * len(set(asked))


def test_every_job_of_the_code_location_is_pruned() -> None:
    assert {job.name for job in defs.jobs or ()} == set(own_jobs(STANDALONE))


def test_the_job_says_what_it_did_and_deletes_nothing_without_a_configuration(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(workplace, "keep_runs: soon")
    with dg.DagsterInstance.ephemeral() as instance:
        refused = defs.resolve_job_def("prune").execute_in_process(instance=instance, raise_on_error=False)
        assert not refused.success
        (workplace / "planion.yaml").unlink()
        monkeypatch.setenv("PLANION_SANDBOX", "1")
        done = defs.resolve_job_def("prune").execute_in_process(instance=instance)
        log_text = " ".join(entry.user_message for entry in instance.all_logs(done.run_id))
    assert "0 runs older than 30d deleted, 0 younger ones that told little; 0 old runs stay" in log_text
