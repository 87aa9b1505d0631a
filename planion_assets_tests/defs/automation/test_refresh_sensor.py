"""The sensor that requests refreshes: when a tick requests one, and the reason it gives when it does not."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from planion_assets.config import ConfigError
from planion_assets.definitions import defs
from planion_assets.defs.automation.refresh_sensor import refresh_requests
from planion_assets.defs.automation.run_tags import SCHEDULED, SCHEDULED_AT
from planion_assets.defs.names import STANDALONE
from planion_assets.defs.resources import PlanionResource
from planion_assets_tests.conftest import write_config
from planion_assets_tests.instances import instance_on_disk
from planion_assets_tests.runs import schedule, sensor

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
CONFIG = """
    refresh_interval: {interval}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: AM2024
"""
Tick = Callable[[datetime], dg.RunRequest | dg.SkipReason]


@pytest.fixture(scope="module")
def shared_instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """An instance on disk: Dagster refuses to evaluate a schedule on one in memory."""
    with instance_on_disk(tmp_path_factory.mktemp("home")) as instance:
        yield instance


@pytest.fixture
def tick(workplace: Path, instance: dg.DagsterInstance) -> Iterator[Tick]:
    """A tick of the sensor; runs that a test made are deleted, for the next test asks for runs of any time."""
    write_config(workplace, CONFIG.format(interval="15m"))
    before = {record.dagster_run.run_id for record in instance.get_run_records()}

    def ticked(now: datetime) -> dg.RunRequest | dg.SkipReason:
        found = refresh_requests(instance, PlanionResource().settings(), STANDALONE, now)
        if isinstance(found, dg.SkipReason):
            return found
        (request,) = found
        return request

    yield ticked
    for record in instance.get_run_records():
        if record.dagster_run.run_id not in before:
            instance.delete_run(record.dagster_run.run_id)


def _note(
    instance: dg.DagsterInstance, request: dg.RunRequest | dg.SkipReason, status: dg.DagsterRunStatus
) -> dg.DagsterRun:
    """What the daemon does with a request, without running it."""
    assert isinstance(request, dg.RunRequest)
    job = defs.resolve_job_def("refresh_active")
    dagster_run: dg.DagsterRun = instance.create_run_for_job(job, tags=request.tags, status=status)
    return dagster_run


def test_a_configuration_mistake_or_a_lost_file_fails_the_tick_with_its_one_line(workplace: Path, tick: Tick) -> None:
    (workplace / "planion.yaml").unlink()
    with pytest.raises(ConfigError, match=r"^planion\.yaml: the file: is not there"):
        tick(NOON)
    write_config(workplace, CONFIG.format(interval="soon"))
    with pytest.raises(ConfigError, match=r"^planion\.yaml: refresh_interval: is not a duration"):
        tick(NOON)


def test_a_tick_requests_a_refresh_when_the_interval_of_the_settings_has_passed(
    workplace: Path, tick: Tick, instance: dg.DagsterInstance
) -> None:
    write_config(workplace, CONFIG.format(interval="15m"))
    _note(instance, tick(NOON), dg.DagsterRunStatus.SUCCESS)
    early = tick(NOON + timedelta(minutes=14))
    assert isinstance(early, dg.SkipReason)
    assert "requested at 12:00 UTC; the next is due in 1m (refresh_interval: 15m)" in str(early.skip_message)
    assert isinstance(tick(NOON + timedelta(minutes=15)), dg.RunRequest)
    # A change of the file counts at the next tick, without a reload.
    write_config(workplace, CONFIG.format(interval="2m"))
    assert isinstance(tick(NOON + timedelta(minutes=2)), dg.RunRequest)


def test_conferences_that_are_over_are_read_too_once_a_day(tick: Tick, instance: dg.DagsterInstance) -> None:
    kinds = []
    for hours in range(0, 49, 4):
        request = tick(NOON + timedelta(hours=hours))
        run = _note(instance, request, dg.DagsterRunStatus.SUCCESS)
        kinds.append(run.tags[SCHEDULED])
        assert isinstance(request, dg.RunRequest)
        ended_too = request.run_config["ops"]["refresh_conferences"]["config"]["ended_too"]
        assert ended_too == (run.tags[SCHEDULED] == "all")
    day = ["active"] * 5
    assert kinds == ["all", *day, "all", *day, "all"]


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED])
def test_a_tick_that_finds_a_refresh_under_way_skips_and_names_it(
    tick: Tick, instance: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    now = datetime.now(UTC)
    run = _note(instance, tick(now), status)
    result = tick(now + timedelta(minutes=30))
    assert isinstance(result, dg.SkipReason)
    assert run.run_id in str(result.skip_message)
    assert status.value.lower() in str(result.skip_message)
    instance.report_run_canceled(run)
    assert isinstance(tick(now + timedelta(minutes=30)), dg.RunRequest)


def test_a_refresh_by_hand_counts_as_under_way(tick: Tick, instance: dg.DagsterInstance) -> None:

    # `refresh_active` without the tags of the schedule is a run of `planion refresh`.
    for name in ("refresh", "refresh_active"):
        run = instance.create_run_for_job(defs.resolve_job_def(name), status=dg.DagsterRunStatus.STARTED)
        assert isinstance(tick(datetime.now(UTC)), dg.SkipReason)
        instance.report_run_canceled(run)
    # It is none of the schedule's: the interval is not reckoned from it.
    assert isinstance(tick(datetime.now(UTC)), dg.RunRequest)


def test_a_run_whose_process_was_killed_does_not_stop_the_schedule_for_ever(
    tick: Tick, instance: dg.DagsterInstance
) -> None:
    now = datetime.now(UTC)
    _note(instance, tick(now), dg.DagsterRunStatus.STARTED)
    assert isinstance(tick(now + timedelta(minutes=39)), dg.SkipReason)
    assert isinstance(tick(now + timedelta(minutes=61)), dg.RunRequest)


def test_a_clock_that_was_set_back_does_not_stop_the_schedule(tick: Tick, instance: dg.DagsterInstance) -> None:
    run = _note(instance, tick(NOON + timedelta(days=400)), dg.DagsterRunStatus.SUCCESS)
    assert run.tags[SCHEDULED_AT] > NOON.isoformat()
    assert isinstance(tick(NOON), dg.RunRequest)


def test_a_tick_that_is_repeated_asks_for_the_same_run(tick: Tick) -> None:
    first, second = tick(NOON), tick(NOON)
    assert isinstance(first, dg.RunRequest)
    assert isinstance(second, dg.RunRequest)
    assert first.run_key == second.run_key is not None


def test_the_sensor_is_about_both_jobs_that_refresh_so_that_each_asset_names_it() -> None:
    looking = sensor("refresh_active_conferences")
    assert {target.job_name for target in looking.targets} == {"refresh", "refresh_active"}


def test_runs_are_pruned_in_the_sandbox_too() -> None:
    assert schedule("prune_old_runs").default_status == dg.DefaultScheduleStatus.RUNNING
