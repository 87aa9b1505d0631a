"""A conference that fails is red in Dagster, with the reason, and its neighbours are not."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.definitions import defs
from planion_assets.defs.events.failed_conferences import failed_tag
from planion_assets.defs.names import STANDALONE
from planion_assets_tests.conftest import instance_in_memory, write_config
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, item, page_of
from planion_assets_tests.runs import refreshing

GOOD, BAD = "AAA|C1", "BBB|C2"
RAW = STANDALONE.asset_key("raw_sessions")
CHECK = STANDALONE.check_key("raw_sessions", "conference_is_refreshed")
CONFIG = """
    feed: {{url: {url}, max_attempts: 1}}
    accounts:
      - {{account: AAA, token_env: TOKEN_AAA, conferences: [{{conference: C1}}]}}
      - {{account: BBB, token_env: TOKEN_BBB, conferences: [{{conference: C2}}]}}
"""


class Feed:
    """A feed whose answers are set for each account."""

    def __init__(self) -> None:
        self.status: dict[str, int] = {}

    def answer(self, request: Request) -> Response:
        """A page of one session, or the status of the account."""
        account = request.where["account"]
        if status := self.status.get(account):
            return Response(b"", status)
        return page_of([{**item("1"), "account": account, "conference": request.where["conference"]}], request.page)


@pytest.fixture
def feed(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The feed of a workplace with two accounts of a conference each."""
    scripted = Feed()
    with refreshing(), ScriptedServer(scripted.answer) as server:
        write_config(workplace, CONFIG.format(url=server.url))
        for name in ("TOKEN_AAA", "TOKEN_BBB"):
            monkeypatch.setenv(name, f"secret-{name}")
        yield scripted


@pytest.fixture
def empty() -> Iterator[dg.DagsterInstance]:
    """An instance without anything of earlier tests."""
    with instance_in_memory() as instance:
        yield instance


def _run(instance: dg.DagsterInstance, **which: Any) -> dg.ExecuteInProcessResult:
    config = {"ops": {"refresh_conferences": {"config": which}}}
    job = defs.resolve_job_def("refresh_active")
    return job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)


def _statuses(instance: dg.DagsterInstance) -> Mapping[str, str | None]:
    found = instance.get_status_by_partition(RAW, [GOOD, BAD], STANDALONE.partitions) or {}
    return {key: status.value if status else None for key, status in found.items()}


def _failed_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    wanted = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])
    return [record.dagster_run for record in instance.get_run_records(wanted)]


def _verdict(instance: dg.DagsterInstance, key: str) -> dg.AssetCheckEvaluation | None:
    """The last result of the check for a conference."""
    for record in instance.event_log_storage.get_asset_check_execution_history(CHECK, limit=100):
        if record.evaluation and record.evaluation.partition == key:
            return record.evaluation
    return None


@pytest.mark.usefixtures("only_tables")
def test_it_turns_red_once_with_the_reason_and_green_at_the_next_success(feed: Feed, empty: dg.DagsterInstance) -> None:
    assert _run(empty).success
    assert _statuses(empty) == {GOOD: "MATERIALIZED", BAD: "MATERIALIZED"}
    feed.status["BBB"] = 500
    before = datetime.now(UTC) - timedelta(seconds=1)
    for _ in range(2):
        assert _run(empty).success
    assert _statuses(empty) == {GOOD: "MATERIALIZED", BAD: "FAILED"}
    (failed_run,) = _failed_runs(empty)
    assert failed_run.tags["planion/failed"] == "BBB/C2"
    assert failed_run.run_config == {"ops": {"refresh_conferences": {"config": {"conferences": [BAD]}}}}
    assert any("answered 500" in entry.message for entry in empty.all_logs(failed_run.run_id))
    verdict = _verdict(empty, BAD)
    assert verdict is not None
    assert not verdict.passed
    assert "answered 500" in str(verdict.metadata["reason"].value)
    assert verdict.metadata["attempts"].value == "2"
    assert before.timestamp() < verdict.metadata["failing_since"].value  # type: ignore[operator]
    last = empty.get_run_records(limit=1)[0].dagster_run
    assert (last.status, last.tags["planion/failed"]) == (dg.DagsterRunStatus.SUCCESS, "BBB/C2")
    feed.status.clear()
    assert _run(empty).success
    assert _statuses(empty) == {GOOD: "MATERIALIZED", BAD: "MATERIALIZED"}
    verdict = _verdict(empty, BAD)
    assert verdict is not None
    assert verdict.passed
    good = _verdict(empty, GOOD)
    assert good is not None
    assert good.passed


@pytest.mark.usefixtures("only_tables")
def test_a_feed_that_is_down_is_said_once_and_what_stays_broken_turns_red(
    feed: Feed, empty: dg.DagsterInstance
) -> None:
    assert _run(empty).success
    feed.status |= {"AAA": 503, "BBB": 503}
    result = _run(empty)
    assert not result.success
    assert [run.run_id for run in _failed_runs(empty)] == [result.run_id]
    assert _statuses(empty) == {GOOD: "MATERIALIZED", BAD: "MATERIALIZED"}
    del feed.status["AAA"]
    assert _run(empty).success
    assert _statuses(empty) == {GOOD: "MATERIALIZED", BAD: "FAILED"}


@pytest.mark.usefixtures("only_tables")
def test_a_run_of_one_conference_fails_with_it(feed: Feed, empty: dg.DagsterInstance) -> None:
    feed.status["BBB"] = 404
    result = _run(empty, conferences=[BAD])
    assert not result.success
    assert [run.run_id for run in _failed_runs(empty)] == [result.run_id]
    assert _statuses(empty)[BAD] == "FAILED"


def test_the_overview_and_its_checks_stand_after_any_news(feed: Feed, empty: dg.DagsterInstance) -> None:
    overview = STANDALONE.asset_key("conference_status")
    both = [STANDALONE.check_key("conference_status", name) for name in ("session_updated_at_is_fresh", "feed_is_read")]
    assert _run(empty).success
    feed.status["BBB"] = 500
    assert _run(empty).success
    (latest,) = empty.fetch_materializations(overview, limit=1).records
    metadata = latest.asset_materialization.metadata if latest.asset_materialization else {}
    assert "BBB\\|C2" in str(metadata["to_look_at"].value)
    for key in both:
        summary = empty.event_log_storage.get_asset_check_summary_records([key])[key]
        record = summary.last_completed_check_execution_record
        assert record is not None
        target = record.evaluation.target_materialization_data  # type: ignore[union-attr]
        # What the page of a check asks for: its result on the latest materialization.
        assert target is not None
        assert target.storage_id == latest.storage_id
    quiet = empty.get_run_records(limit=1)[0].dagster_run.run_id
    feed.status.clear()
    _run(empty)
    assert _run(empty).success  # nothing new: nothing is reported
    last = empty.get_run_records(limit=1)[0].dagster_run.run_id
    assert last != quiet
    assert not empty.get_records_for_run(last, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records


@pytest.mark.parametrize(
    ("failed", "tag"),
    [([], {}), (["A|1"], {"planion/failed": "A/1"}), (["B|2", "A|1", "C|3"], {"planion/failed": "A/1 +2"})],
)
def test_the_tag_names_the_first_and_counts_the_others(failed: list[str], tag: dict[str, str]) -> None:
    assert failed_tag(failed) == tag
