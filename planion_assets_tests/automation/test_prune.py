"""Pruning: what is deleted of old runs, and what Dagster still knows afterwards. The clock is an argument."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from planion_assets.automation.prune import QUIET_FOR, Pruned, prune_runs
from planion_assets.automation.running import SCHEDULED
from planion_assets.config import Config, load
from planion_assets.definitions import defs
from planion_assets.partitions import conferences
from planion_assets_tests.conftest import write_config

CONFIG = """
    keep_runs: 30d
    refresh_interval: {interval}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: AM2024
"""
QUIET = {SCHEDULED: "active"}


@pytest.fixture
def settings(workplace: Path) -> Config:
    write_config(workplace, CONFIG.format(interval="15m"))
    return load()


@pytest.fixture
def own_instance(workplace: Path) -> Iterator[dg.DagsterInstance]:
    """An instance of its own: what it holds at the end is what was not deleted."""
    with dg.instance_for_test() as made:
        yield made


@dg.op(out={})
def make(context: dg.OpExecutionContext) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    """Materialize the partitions that the run's tag `make` names at a version; fail where it says so."""
    for key in filter(None, context.run.tags.get("make", "").split(",")):
        yield dg.AssetMaterialization("sessions", partition=key, tags={"dagster/data_version": context.run_id})
        yield dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey("sessions"), check_name="a_check", passed=True, partition=key
        )
    if "fail" in context.run.tags:
        raise dg.Failure("it was asked for")


def _job(name: str) -> dg.JobDefinition:
    return dg.GraphDefinition(name=name, node_defs=[make]).to_job(executor_def=dg.in_process_executor)


def _made(instance: dg.DagsterInstance, name: str = "refresh_active", **tags: str) -> str:
    return str(_job(name).execute_in_process(instance=instance, tags=tags, raise_on_error=False).run_id)


def _prune(instance: dg.DagsterInstance, settings: Config, **later: float) -> Pruned:
    (pruning,) = (instance.create_run_for_job(_job("prune")),)
    pruned = prune_runs(instance, settings, pruning, datetime.now(UTC) + timedelta(**later))
    if instance.get_run_by_id(pruning.run_id):
        instance.delete_run(pruning.run_id)
    return pruned


def _runs(instance: dg.DagsterInstance) -> set[str]:
    return {record.dagster_run.run_id for record in instance.get_run_records()}


def _verdicts(instance: dg.DagsterInstance) -> set[tuple[str, str]]:
    check = dg.AssetCheckKey(dg.AssetKey("sessions"), "a_check")
    records = instance.event_log_storage.get_asset_check_execution_history(check, limit=100)
    return {(str(record.partition), record.run_id) for record in records}


def _on_disk(instance: dg.DagsterInstance, run_id: str) -> list[Path]:
    return [path for path in Path(instance.root_directory).rglob("*") if run_id in path.name]


def test_the_run_that_holds_the_newest_materialization_of_a_partition_stays(
    own_instance: dg.DagsterInstance, settings: Config
) -> None:
    own_instance.add_dynamic_partitions(str(conferences.name), ["A|1", "A|2"])
    both, one, newest = (_made(own_instance, make=keys) for keys in ("A|1,A|2", "A|1", "A|1"))
    assert _on_disk(own_instance, one)
    assert _prune(own_instance, settings, days=29) == Pruned(0, 0, 0)
    assert _prune(own_instance, settings, days=31).kept == 2
    assert _runs(own_instance) == {both, newest}
    assert _on_disk(own_instance, one) == []
    key = dg.AssetKey("sessions")
    assert _verdicts(own_instance) == {("A|1", newest), ("A|1", both), ("A|2", both)}
    assert own_instance.get_materialized_partitions(key) == {"A|1", "A|2"}
    for partition, run_id in (("A|1", newest), ("A|2", both)):
        wanted = dg.AssetRecordsFilter(key, asset_partitions=[partition])
        (record,) = own_instance.fetch_materializations(wanted, limit=1).records
        assert record.asset_materialization
        assert (record.asset_materialization.tags or {})["dagster/data_version"] == run_id


def test_a_partition_that_was_made_again_since_does_not_keep_the_old_run(
    own_instance: dg.DagsterInstance, settings: Config
) -> None:
    old = _made(own_instance, make="A|1")
    (record,) = own_instance.get_run_records(dg.RunsFilter(run_ids=[old]))
    new = _made(own_instance, make="A|1")
    just_after = record.update_timestamp + settings.keep_runs + timedelta(milliseconds=1)
    pruned = prune_runs(own_instance, settings, record.dagster_run, just_after)
    assert pruned == Pruned(old=1, quiet=0, kept=0)
    assert new in _runs(own_instance)


def test_scheduled_runs_that_found_nothing_new_go_sooner(own_instance: dg.DagsterInstance, settings: Config) -> None:
    quiet, failed = _made(own_instance, **QUIET), _made(own_instance, fail="", **QUIET)
    changed, by_hand = _made(own_instance, make="A|1", **QUIET), _made(own_instance)
    assert _prune(own_instance, settings, hours=23) == Pruned(0, 0, 0)
    assert _prune(own_instance, settings, hours=25) == Pruned(old=0, quiet=1, kept=0)
    assert _runs(own_instance) == {failed, changed, by_hand}
    assert _on_disk(own_instance, quiet) == []


def test_runs_of_check_freshness_stay_for_a_week_and_the_last_one_for_ever(
    own_instance: dg.DagsterInstance, settings: Config
) -> None:
    first, last = (_made(own_instance, name="check_freshness", make="A|1") for _ in range(2))
    assert _prune(own_instance, settings, days=6) == Pruned(0, 0, 0)
    assert _runs(own_instance) == {first, last}
    assert _prune(own_instance, settings, days=8) == Pruned(old=0, quiet=1, kept=0)
    assert _runs(own_instance) == {last}


def test_the_last_run_stays_for_the_schedule_whose_interval_is_long(
    workplace: Path, own_instance: dg.DagsterInstance
) -> None:
    write_config(workplace, CONFIG.format(interval="2d"))
    quiet = _made(own_instance, **QUIET)
    assert 2 * timedelta(days=2) > QUIET_FOR
    assert _prune(own_instance, load(), days=3) == Pruned(0, 0, 0)
    assert _runs(own_instance) == {quiet}


def test_another_project_on_the_same_instance_keeps_its_runs(
    own_instance: dg.DagsterInstance, settings: Config
) -> None:
    theirs = _made(own_instance, name="their_job")
    launched = _made(own_instance, **{".dagster/repository": "__repository__@theirs"})
    _made(own_instance)
    assert _prune(own_instance, settings, days=31).old >= 1
    assert _runs(own_instance) == {theirs, launched}


def test_the_job_says_what_it_did_and_deletes_nothing_without_a_configuration(
    settings: Config, own_instance: dg.DagsterInstance, workplace: Path
) -> None:
    job = defs.resolve_job_def("prune")
    done = job.execute_in_process(instance=own_instance)
    told = " ".join(entry.user_message for entry in own_instance.all_logs(done.run_id))
    assert "0 runs older than 30d deleted, 0 younger ones that told little; 0 old runs stay" in told
    write_config(workplace, "keep_runs: soon")
    refused = job.execute_in_process(instance=own_instance, raise_on_error=False)
    assert not refused.success
