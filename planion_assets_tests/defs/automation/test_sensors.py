"""The sensor that turns configured conferences into partitions."""

from pathlib import Path

import dagster as dg
import pytest

from planion_assets.config import ConfigError
from planion_assets.defs.automation.sensors import SECONDS_BETWEEN_LOOKS
from planion_assets.defs.partitions import conferences
from planion_assets.defs.resources import PlanionResource
from planion_assets.sandbox import CONFERENCES
from planion_assets_tests.conftest import write_config
from planion_assets_tests.runs import look, sensor

CONFIG = """
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
{conferences}
"""


def _tick(instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    with dg.build_sensor_context(instance=instance, resources={"planion": PlanionResource()}) as context:
        result = look(sensor("configured_conferences"), context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    if isinstance(result, dg.SensorResult):
        for request in result.dynamic_partitions_requests or ():
            assert isinstance(request, dg.AddDynamicPartitionsRequest)
            instance.add_dynamic_partitions(str(conferences.name), list(request.partition_keys))
    return result


def _registered(instance: dg.DagsterInstance) -> list[str]:
    return list(instance.get_dynamic_partitions(str(conferences.name)))


def _configure(folder: Path, *names: str) -> None:
    write_config(folder, CONFIG.format(conferences="\n".join(f"          - conference: {name}" for name in names)))


def test_a_configuration_mistake_or_a_lost_file_fails_the_tick_with_its_one_line_and_removes_nothing(
    workplace: Path, instance: dg.DagsterInstance
) -> None:
    _configure(workplace, "AM2024")
    _tick(instance)
    _configure(workplace, "AM2024", "AM2024")
    with pytest.raises(ConfigError, match=r"^planion.yaml: accounts\[0\].conferences\[1\].conference"):
        _tick(instance)
    (workplace / "planion.yaml").unlink()
    with pytest.raises(ConfigError, match=r"^planion\.yaml: the file: is not there"):
        _tick(instance)
    assert _registered(instance) == ["AAA|AM2024"]


def test_a_conference_written_to_the_file_becomes_a_partition_and_one_taken_out_stays(
    workplace: Path, instance: dg.DagsterInstance
) -> None:
    _configure(workplace, "AM2024")
    _tick(instance)
    _configure(workplace, "AM2025", "A&B+C#%25 é")
    _tick(instance)
    assert _registered(instance) == ["AAA|AM2024", "AAA|AM2025", "AAA|A&B+C#%25 é"]
    result = _tick(instance)
    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "All 2 conferences of planion.yaml are registered."


def test_the_sandbox_conferences_are_registered_where_it_is_asked_for(
    workplace: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANION_SANDBOX", "1")
    _tick(instance)
    assert len(_registered(instance)) == len(CONFERENCES)


def test_it_runs_by_default_and_often_enough() -> None:
    assert sensor("configured_conferences").default_status == dg.DefaultSensorStatus.RUNNING
    assert sensor("configured_conferences").minimum_interval_seconds == SECONDS_BETWEEN_LOOKS
    # Dagster's daemon looks for due sensors every few seconds: 20 s leaves room within a minute.
    assert pytest.approx(SECONDS_BETWEEN_LOOKS, abs=10) == 20
