"""The schedule of the freshness checks: when it runs, and where it runs without being asked to."""

from pathlib import Path

import dagster as dg
import pytest

from planion_assets.automation.schedules import freshness_schedule, status_by_default
from planion_assets_tests.freshness.stored import configure

RUNNING, STOPPED = dg.DefaultScheduleStatus.RUNNING, dg.DefaultScheduleStatus.STOPPED


def test_it_is_on_where_a_real_feed_is_configured_and_off_in_the_sandbox(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert status_by_default() is STOPPED
    # The sandbox's conferences, served elsewhere.
    monkeypatch.setenv("PLANION_FEED_URL", "http://127.0.0.1:9/feed/v1")
    assert status_by_default() is STOPPED
    configure(workplace, "C1")
    assert status_by_default() is RUNNING
    # A mistake must not prevent the location from loading, nor hide that somebody wants a feed.
    (workplace / "planion.yaml").write_text("acounts: []")
    assert status_by_default() is RUNNING


def test_a_tick_asks_for_one_run_of_the_checks() -> None:
    assert freshness_schedule.job_name == "check_freshness"
    assert freshness_schedule.cron_schedule == "7-59/15 * * * *"
    tick = freshness_schedule.evaluate_tick(dg.build_schedule_context())
    assert len(tick.run_requests or []) == 1
