"""`PlanionComponent`: in the example of a host project, as `dg` scaffolds, checks and lists it, and its mistakes."""

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner, Result
from dagster.components.core.component_tree import ComponentTree
from dagster_dg_cli.cli import create_dg_cli

from planion_assets.config import ConfigError
from planion_assets.config.models import AccountConfig, ConferenceConfig, FeedConfig, File, MaxUpdateAge
from planion_assets.config.storage_config import StorageConfig
from planion_assets.defs.component import PlanionComponent, Translation
from planion_assets.sandbox import TOKENS, SandboxServer

EXAMPLE = Path(__file__).parents[2] / "examples" / "embedded"
TYPE = "planion_assets.defs.component.PlanionComponent"
KEY = "AAA|AM2036"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the example, as the working directory and importable."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "src"))
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "embedded"]:
        del sys.modules[name]


def _dg(*arguments: str) -> Result:
    """What `dg` says, run in this process: it imports for three seconds."""
    return CliRunner().invoke(create_dg_cli(), arguments)


def _attributes(project: Path, **changed: object) -> None:
    path = project / "src/embedded/defs/planion/defs.yaml"
    content = yaml.safe_load(path.read_text())
    content["attributes"] |= changed
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def test_dg_scaffolds_and_checks_it_and_names_the_line_and_key_of_a_mistake(project: Path) -> None:
    scaffolded = _dg("scaffold", "defs", TYPE, "second")
    assert scaffolded.exit_code == 0, scaffolded.output
    assert "token_env: PLANION_TOKEN_AAA" in (project / "src/embedded/defs/second/defs.yaml").read_text()
    checked = _dg("check", "yaml", "--no-validate-requirements")
    assert checked.exit_code == 0, checked.output
    # `dg check yaml` keeps one file of each type of component.
    shutil.rmtree(project / "src/embedded/defs/second")
    _attributes(project, data=5, feed={"max_pagse": 3})
    checked = _dg("check", "yaml", "--no-validate-requirements")
    assert checked.exit_code == 1
    assert "defs.yaml:" in checked.output
    assert "max_pagse" in checked.output
    assert "data" in checked.output


@pytest.mark.usefixtures("only_tables")
def test_both_sides_assets_are_launched_and_each_is_stored_by_its_own_io_manager(
    project: Path, sandbox: SandboxServer, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANION_TOKEN_AAA", TOKENS["AAA"])
    account = {"account": "AAA", "token_env": "PLANION_TOKEN_AAA", "conferences": [{"conference": "AM2036"}]}
    _attributes(project, accounts=[account], feed={"url": sandbox.url})
    loaded = importlib.import_module("embedded.definitions").defs
    defs = loaded() if callable(loaded) else loaded
    dg.Definitions.validate_loadable(defs)
    repository = defs.get_repository_def()
    assert {key.to_user_string() for key in defs.resolve_all_asset_keys()} >= {"planion/sessions", "exchange_rates"}
    assert all(schedule.default_status is dg.DefaultScheduleStatus.STOPPED for schedule in repository.schedule_defs)
    assert {job.name for job in repository.get_all_jobs()} >= {"planion_refresh", "planion_refresh_active"}
    instance.add_dynamic_partitions("planion_conferences", [KEY])
    job = defs.resolve_implicit_global_asset_job_def()
    rates = job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey("exchange_rates")])
    selection = [
        *(
            key
            for key in defs.resolve_all_asset_keys()
            if key.path[0] == "planion" and key.path[1] in ("raw_sessions", "sessions")
        ),
        dg.AssetKey("sessions_per_room"),
        dg.AssetKey("number_of_rooms"),
    ]
    result = job.execute_in_process(instance=instance, asset_selection=selection, partition_key=KEY)
    assert rates.success
    assert result.success
    assert (project / "json/exchange_rates.json").is_file()
    assert (project / "json/number_of_rooms.json").is_file()
    rooms = pq.read_table(project / "data/sessions_per_room/AAA/AM2036.parquet").to_pylist()
    sessions = pq.read_table(project / "data/sessions/AAA/AM2036.parquet")
    assert sum(row["sessions"] for row in rooms) == sessions.num_rows > 0


def test_a_value_that_only_the_settings_can_judge_is_refused_when_the_definitions_are_built(tmp_path: Path) -> None:
    component = PlanionComponent.resolve_from_yaml(
        """
        accounts:
          - account: AAA
            token_env: PLANION_TOKEN_AAA
            conferences: [{conference: AM2026, timezone: Chicago}]
        schedule: {refresh_interval: often}
        """
    )
    context = ComponentTree.for_test().load_context
    with pytest.raises(ConfigError) as caught:
        component.build_defs(context)
    assert "accounts[0].conferences[0].timezone" in str(caught.value)
    assert "refresh_interval" in str(caught.value)


def test_every_setting_of_the_file_is_an_attribute() -> None:
    schema = PlanionComponent.model().model_json_schema()
    parts = {name: set(model["properties"]) for name, model in schema["$defs"].items()}
    for model in (AccountConfig, ConferenceConfig, FeedConfig, MaxUpdateAge, StorageConfig):
        assert set(model.model_fields) == parts[f"{model.__name__}Attributes"]
    attributes = set(schema["properties"])
    for name in File.model_fields:
        assert name in attributes or any(name in names for names in parts.values()), name
    assert set(Translation.model_fields) == {
        "key_prefix",
        "group_name",
        "name_prefix",
        "io_manager_key",
        "owners",
        "tags",
    }
