"""The schedules that ask for nothing but a run: when they run, and where they run without being asked to."""

from pathlib import Path

import dagster as dg
import pytest

from planion_assets.config import ConfigError
from planion_assets.defs.build_definitions import runs_by_default
from planion_assets.defs.resources import PlanionResource
from planion_assets_tests.freshness.stored import configure
from planion_assets_tests.runs import schedule

RUNNING, STOPPED = dg.DefaultScheduleStatus.RUNNING, dg.DefaultScheduleStatus.STOPPED


def test_they_are_off_where_the_sandbox_is_asked_for_and_on_everywhere_else(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file that is lost must not silence anything: each tick fails.
    assert runs_by_default(PlanionResource().settings_at_load()) is True
    monkeypatch.setenv("PLANION_SANDBOX", "1")
    assert runs_by_default(PlanionResource().settings_at_load()) is False
    # The sandbox's conferences, served elsewhere.
    monkeypatch.setenv("PLANION_FEED_URL", "http://127.0.0.1:9/feed/v1")
    assert runs_by_default(PlanionResource().settings_at_load()) is False
    # Exported by accident where there is a file: the variable silences nothing.
    configure(workplace, "C1")
    assert runs_by_default(PlanionResource().settings_at_load()) is True
    monkeypatch.delenv("PLANION_SANDBOX")
    assert runs_by_default(PlanionResource().settings_at_load()) is True
    # A mistake must not prevent the location from loading, nor hide that somebody wants a feed.
    (workplace / "planion.yaml").write_text("acounts: []")
    assert runs_by_default(PlanionResource().settings_at_load()) is True


@pytest.mark.parametrize(
    ("name", "job", "cron"),
    [("freshness", "check_freshness", "7-59/15 * * * *"), ("prune_old_runs", "prune", "23 3 * * *")],
)
def test_a_tick_asks_for_one_run_and_fails_without_settings(workplace: Path, name: str, job: str, cron: str) -> None:
    ticked = schedule(name)
    assert (ticked.job_name, ticked.cron_schedule) == (job, cron)
    with dg.build_schedule_context(resources={"planion": PlanionResource()}) as context:
        with pytest.raises(Exception, match=name) as caught:
            ticked.evaluate_tick(context)
    assert isinstance(caught.value.__cause__, ConfigError)
    configure(workplace, "C1")
    with dg.build_schedule_context(resources={"planion": PlanionResource()}) as context:
        tick = ticked.evaluate_tick(context)
    assert len(tick.run_requests or []) == 1
