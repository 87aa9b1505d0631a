"""A refresh by the clock in several runs: which accounts each gets, what it is tagged with, and who is left out."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.config import load
from planion_assets.definitions import defs
from planion_assets.defs.assets.conference_tables import backfill_policy
from planion_assets.defs.automation.dagster_problems import failed_runs
from planion_assets.defs.automation.refresh_sensor import refresh_requests
from planion_assets.defs.automation.run_tags import ACCOUNT, SCHEDULED, SCHEDULED_AT, SHARE, data_tag
from planion_assets.defs.names import STANDALONE
from planion_assets.defs.resources import PlanionResource
from planion_assets.freshness.shares import divided, shares
from planion_assets.sandbox import TOKENS, SandboxServer
from planion_assets_tests.conftest import write_config
from planion_assets_tests.instances import instance_on_disk
from planion_assets_tests.runs import sensor

NOW = datetime.now(UTC)
LATER = NOW + timedelta(minutes=30)
CONFIG = """
    refresh_runs: 2
    accounts:
      - {account: AAA, token_env: PLANION_TOKEN_AAA, conferences: [{conference: AM2036}]}
      - {account: BBB, token_env: PLANION_TOKEN_BBB, conferences: [{conference: AM2037}]}
      - {account: CCC, token_env: PLANION_TOKEN_CCC, conferences: [{conference: WS2027}]}
"""
SHARES = [("AAA", "CCC"), ("BBB",)]
Tick = Callable[[datetime], "list[dg.RunRequest] | dg.SkipReason"]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with instance_on_disk(tmp_path / "home") as instance:
        yield instance


@pytest.fixture
def tick(workplace: Path, instance: dg.DagsterInstance) -> Tick:
    write_config(workplace, CONFIG)
    settings = load()
    return lambda now: refresh_requests(instance, settings, STANDALONE, now, lambda: SHARES)


def _launched(
    instance: dg.DagsterInstance, requests: "list[dg.RunRequest] | dg.SkipReason", status: dg.DagsterRunStatus
) -> list[dg.DagsterRun]:
    """What the daemon does with requests, without running them."""
    assert isinstance(requests, list)
    job = defs.resolve_job_def("refresh_active")
    return [instance.create_run_for_job(job, tags=request.tags, status=status) for request in requests]


def _accounts(requests: "list[dg.RunRequest] | dg.SkipReason") -> list[list[str]]:
    assert isinstance(requests, list), requests
    return [request.run_config["ops"]["refresh_conferences"]["config"]["accounts"] for request in requests]


def test_each_share_is_a_run_that_carries_its_accounts_from_its_launch(tick: Tick) -> None:
    requests = tick(NOW)
    assert _accounts(requests) == [["AAA", "CCC"], ["BBB"]]
    assert isinstance(requests, list)
    assert [request.tags[ACCOUNT] for request in requests] == ["AAA,CCC", "BBB"]
    assert [request.tags[SHARE] for request in requests] == ["1 of 2", "2 of 2"]
    assert len({request.run_key for request in requests}) == 2
    again = tick(NOW)
    assert isinstance(again, list)
    assert [request.run_key for request in again] == [request.run_key for request in requests]


def test_an_account_that_a_run_refreshes_is_left_out_and_the_others_go(
    tick: Tick, instance: dg.DagsterInstance
) -> None:
    first, second = _launched(instance, tick(NOW), dg.DagsterRunStatus.STARTED)
    skipped = tick(LATER)
    assert isinstance(skipped, dg.SkipReason)
    assert first.run_id in str(skipped.skip_message)
    assert second.run_id in str(skipped.skip_message)
    instance.report_run_failed(first)
    assert _accounts(tick(LATER)) == [["AAA", "CCC"]]
    # A run by hand over one conference keeps its account alone to itself.
    instance.report_run_canceled(second)
    by_hand = instance.create_run_for_job(
        defs.resolve_job_def("refresh"), tags={"dagster/partition": "CCC|WS2027"}, status=dg.DagsterRunStatus.STARTED
    )
    assert _accounts(tick(LATER)) == [["AAA"], ["BBB"]]
    instance.report_run_canceled(by_hand)
    # One over a range may refresh any account.
    ranged = instance.create_run_for_job(defs.resolve_job_def("refresh"), status=dg.DagsterRunStatus.STARTING)
    assert isinstance(tick(LATER), dg.SkipReason)
    instance.report_run_canceled(ranged)
    assert _accounts(tick(LATER)) == [["AAA", "CCC"], ["BBB"]]


def test_it_is_due_by_the_clock_and_each_share_reads_those_that_are_over_once_a_day(
    tick: Tick, instance: dg.DagsterInstance
) -> None:
    assert {run.tags[SCHEDULED] for run in _launched(instance, tick(NOW), dg.DagsterRunStatus.SUCCESS)} == {"all"}
    early = tick(NOW + timedelta(minutes=14))
    assert isinstance(early, dg.SkipReason)
    assert "the next is due in 1m" in str(early.skip_message)
    assert {run.tags[SCHEDULED] for run in _launched(instance, tick(LATER), dg.DagsterRunStatus.SUCCESS)} == {"active"}
    day = tick(NOW + timedelta(days=1))
    assert {run.tags[SCHEDULED] for run in _launched(instance, day, dg.DagsterRunStatus.SUCCESS)} == {"all"}


def test_the_sensor_divides_where_the_settings_say_so_and_asks_for_one_run_where_not(
    configured: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = sensor("refresh_active_conferences")

    def asked() -> Sequence[dg.RunRequest]:
        with dg.build_sensor_context(instance, resources={"planion": PlanionResource()}) as context:
            return looking.evaluate_tick(context).run_requests or ()

    (one,) = asked()
    assert one.run_config == {"ops": {"refresh_conferences": {"config": {"ended_too": True}}}}
    assert set(one.tags) >= {SCHEDULED, SCHEDULED_AT}
    assert not {ACCOUNT, SHARE} & set(one.tags)
    settings = PlanionResource().settings()
    object.__setattr__(settings, "refresh_runs", 2)
    monkeypatch.setattr(PlanionResource, "settings", lambda _: settings)
    several = asked()
    assert sorted(name for one in several for name in one.tags[ACCOUNT].split(",")) == ["AAA", "TOS", "myaccount"]
    assert len(several) == 2


def test_accounts_are_divided_evenly_stably_and_nobody_twice() -> None:
    weights = {f"A{number:02}": 100 * (number % 7 + 1) ** 2 for number in range(50)}
    found = divided(weights, 4)
    assert sorted(name for share in found for name in share) == sorted(weights)
    totals = [sum(weights[name] for name in share) for share in found]
    assert max(totals) < 1.25 * min(totals)
    grown = {name: weight + weight // 100 for name, weight in weights.items()}
    assert divided(grown, 4) == found, "a few sessions more change nothing"
    assert divided(dict(reversed(weights.items())), 4) == [tuple(reversed(share)) for share in found]
    for at_most in (1, 2, 50, 64):
        assert len(divided(weights, at_most)) == min(at_most, 50)
    assert divided({}, 3) == []
    assert divided({"A": 0, "B": 0}, 2) == [("A",), ("B",)]


@pytest.mark.usefixtures("core_tables", "only_tables")
def test_a_share_reads_its_accounts_alone_and_the_last_run_says_all(
    workplace: Path, sandbox: SandboxServer, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANION_TOKEN_AAA", TOKENS["AAA"])
    write_config(workplace, f"    feed: {{url: '{sandbox.url}'}}\n" + CONFIG.replace("AM2036", "AM2037"))
    settings = load()
    assert shares(settings, PlanionResource().store(), NOW, 2) == [("AAA", "CCC"), ("BBB",)]
    job = defs.resolve_job_def("refresh_active")

    def executed(accounts: list[str], number: int) -> tuple[bool, str]:
        config: dict[str, Any] = {"accounts": accounts, "ended_too": False}
        tags = {SHARE: f"{number} of 2", ACCOUNT: ",".join(accounts), SCHEDULED_AT: NOW.isoformat()}
        done = job.execute_in_process(
            instance=instance,
            run_config={"ops": {"refresh_conferences": {"config": config}}},
            tags={**tags, **data_tag(settings)},
            raise_on_error=False,
        )
        return done.success, "\n".join(entry.user_message for entry in instance.all_logs(done.run_id))

    failed, said = executed(["BBB"], 2)
    assert not failed, "it fails alone"
    assert "share 2 of 2: accounts BBB" in said
    assert "0 read, 0 unchanged, 0 changed, 1 failed" in said
    succeeded, said = executed(["AAA", "CCC"], 1)
    assert succeeded
    assert "all 2 runs of this refresh: 1 read, 0 unchanged, 1 changed, 2 failed" in said


def test_a_share_that_failed_is_told_of_though_another_ended_well_after_it(
    tick: Tick, instance: dg.DagsterInstance
) -> None:
    failing, following = _launched(instance, tick(NOW), dg.DagsterRunStatus.STARTED)
    instance.report_run_failed(failing, "its worker is gone")
    instance.report_dagster_event(
        dg.DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, following.job_name), following.run_id
    )
    (problem,), _ = failed_runs(instance, load(), STANDALONE, None)
    assert (problem.run, problem.reason) == (failing.run_id, "its worker is gone")


def test_a_backfill_is_one_run_unless_the_settings_say_how_many_conferences_a_run_takes(workplace: Path) -> None:
    write_config(workplace, CONFIG)
    assert backfill_policy(PlanionResource().settings_at_load()) == dg.BackfillPolicy.single_run()
    write_config(workplace, "    max_partitions_per_run: 50\n" + CONFIG)
    assert backfill_policy(PlanionResource().settings_at_load()) == dg.BackfillPolicy.multi_run(50)
    write_config(workplace, "    max_partitions_per_run: many\n" + CONFIG)
    assert backfill_policy(PlanionResource().settings_at_load()) == dg.BackfillPolicy.single_run(), (
        "the runs say what is wrong"
    )
