"""The job that verifies what is stored, and its schedule: when it runs, and what it tells."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from planion_assets.config import ConfigError
from planion_assets.definitions import defs
from planion_assets.defs.automation.verify_job import FOLDERS
from planion_assets.defs.resources import PlanionResource
from planion_assets.storage.last_read import last_verified, note_verified
from planion_assets.storage.local_files import LocalFiles
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.conftest import write_config
from planion_assets_tests.freshness.stored import store_conference
from planion_assets_tests.instances import instance_on_disk
from planion_assets_tests.runs import evaluate, failure, schedule

NOON = datetime(2026, 11, 25, 12, 37, tzinfo=UTC)
CONFIG = """
    verify_interval: {interval}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: C1
"""


@pytest.fixture(scope="module")
def shared_instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """An instance on disk: Dagster refuses to evaluate a schedule on one in memory."""
    with instance_on_disk(tmp_path_factory.mktemp("home")) as instance:
        yield instance


def _tick(instance: dg.DagsterInstance, now: datetime) -> dg.RunRequest | dg.SkipReason:
    resources = {"planion": PlanionResource()}
    with dg.build_schedule_context(instance, scheduled_execution_time=now, resources=resources) as context:
        result = evaluate(schedule("verify_tables"), context)
    assert isinstance(result, dg.RunRequest | dg.SkipReason)
    return result


def test_a_tick_asks_for_a_run_when_the_interval_has_passed_and_never_where_the_file_says_so(
    workplace: Path, instance: dg.DagsterInstance
) -> None:
    write_config(workplace, CONFIG.format(interval="2d"))
    assert isinstance(_tick(instance, NOON), dg.RunRequest), "never verified"
    note_verified(LocalFiles(workplace / "data"), NOON)
    result = _tick(instance, NOON + timedelta(hours=47))
    assert isinstance(result, dg.SkipReason)
    assert "verified at 2026-11-25 12:37 UTC; the next time is 2026-11-27 12:37 UTC (verify_interval: 2d)" in str(
        result.skip_message
    )
    assert isinstance(_tick(instance, NOON + timedelta(hours=48)), dg.RunRequest)
    assert isinstance(_tick(instance, NOON - timedelta(days=900)), dg.RunRequest), "a clock that was set back"
    write_config(workplace, CONFIG.format(interval="never"))
    assert isinstance(_tick(instance, NOON + timedelta(days=900)), dg.SkipReason)
    write_config(workplace, CONFIG.format(interval="23h"))
    with pytest.raises(ConfigError, match=r"planion.yaml: verify_interval: is less than 1d; give a duration from 1d"):
        _tick(instance, NOON)


def test_a_tick_skips_while_a_verification_is_under_way(workplace: Path, instance: dg.DagsterInstance) -> None:
    write_config(workplace, CONFIG.format(interval="1d"))
    run = instance.create_run_for_job(defs.resolve_job_def("verify"), status=dg.DagsterRunStatus.STARTED)
    result = _tick(instance, datetime.now(UTC))
    assert isinstance(result, dg.SkipReason)
    assert run.run_id in str(result.skip_message)
    instance.report_run_canceled(run)
    assert isinstance(_tick(instance, datetime.now(UTC)), dg.RunRequest)


def test_a_run_that_finds_damage_fails_naming_conference_and_files_and_mends_nothing(
    workplace: Path, instance: dg.DagsterInstance
) -> None:
    write_config(workplace, CONFIG.format(interval="7d"))
    store = LocalStore(workplace / "data")
    key = store_conference(store, "C1", [{}])
    strange = store.root / "sessions/AAA/copy of C1.parquet"
    strange.write_bytes(b"x")
    result = defs.resolve_job_def("verify").execute_in_process(
        instance=instance, resources={"planion": PlanionResource()}, raise_on_error=False
    )
    description, metadata = failure(result)
    assert sorted(metadata) == ["AAA|C1", FOLDERS]
    assert str(store.path("raw_sessions", key)) in metadata["AAA|C1"]
    assert "missing: it is not there, and nothing else proves the tables made from it" in metadata["AAA|C1"]
    assert f"{strange}: not ours: its name is none of a conference" in metadata[FOLDERS]
    assert "AAA|C1: " in description
    assert strange.exists()
    verified = last_verified(store.files)
    assert verified is not None
    assert datetime.now(UTC) - verified < timedelta(hours=1)
