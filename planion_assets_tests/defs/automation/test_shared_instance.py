"""Other projects on the same Dagster instance neither silence the schedule nor are told of as alerts."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from planion_assets.defs.automation.run_tags import DATA, refresh_jobs
from planion_assets.defs.names import STANDALONE
from planion_assets_tests.defs.automation.launching import OURS, SECOND, THEIRS, Launcher, launching

QUEUED = {"run_coordinator": {"module": "dagster", "class": "QueuedRunCoordinator"}}
UNKNOWN = {"ops": {"refresh_conferences": {"config": {"conferences": ["no partition key"]}}}}
REFRESH, SENSOR = "refresh_active_conferences", "alerts"


@pytest.fixture
def asked_for(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workplace that reads the sandbox."""
    monkeypatch.setenv("PLANION_SANDBOX", "1")
    return workplace


@pytest.fixture
def queueing(asked_for: Path) -> Iterator[Launcher]:
    """A launcher whose runs wait in the queue, which nobody empties."""
    with launching(asked_for / "home", QUEUED) as launcher:
        yield launcher


def test_a_refresh_of_another_project_silences_no_tick_and_an_own_one_does(queueing: Launcher) -> None:
    for job in refresh_jobs(STANDALONE):
        assert queueing.launch(THEIRS, job).status == dg.DagsterRunStatus.QUEUED
    requests = list(queueing.look(REFRESH).run_requests)
    assert len(requests) == 1
    request = requests[0]
    # Their runs with the tags of ours, as another data folder's schedule would have launched them, move no tick on.
    queueing.launch(THEIRS, "refresh_active", tags={**request.tags, DATA: "another"})
    assert queueing.look(REFRESH).run_requests
    for job in refresh_jobs(STANDALONE):
        own = queueing.launch(OURS, job, tags={"dagster/partition": "A|1"} if job == "refresh" else {})
        skipped = queueing.look(REFRESH).skip_message or ""
        assert f"Run {own.run_id} of {job} is queued since" in skipped
        queueing.instance.report_run_canceled(own)
    assert queueing.look(REFRESH).run_requests
    # Its own last request counts.
    queueing.instance.report_run_canceled(queueing.launch(OURS, "refresh_active", tags=request.tags))
    assert "The last refresh was requested at" in str(queueing.look(REFRESH).skip_message)


def test_the_sensor_of_alerts_tells_of_the_runs_of_its_own_location_alone(
    asked_for: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with launching(asked_for / "home") as launcher:
        cursor = launcher.look(SENSOR).cursor
        theirs = [launcher.launch(THEIRS, job, tags={"fail": ""}) for job in ("refresh_active", "prune")]
        assert launcher.look(SENSOR, cursor).cursor == cursor, "a run of another project was a reason to look"
        others = launcher.launch(SECOND, "refresh_active", config=UNKNOWN)
        ours = launcher.launch(OURS, "refresh_active", config=UNKNOWN)
        assert {run.status for run in (*theirs, others, ours)} == {dg.DagsterRunStatus.FAILURE}
        capfd.readouterr()
        answer = launcher.look(SENSOR, cursor)
        first = capfd.readouterr().err
        assert launcher.look(SENSOR, answer.cursor).cursor == answer.cursor
        second = capfd.readouterr().err
    assert "NEW run of refresh_active: no partition key: " in first
    assert f"run {ours.run_id}" in first
    assert [run.run_id for run in (*theirs, others) if run.run_id in first] == []
    assert "NEW run" not in second
