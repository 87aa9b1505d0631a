"""The two checks and `conference_status` through their job on a real instance: each verdict, failing and passing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest

from planion_assets.config import load
from planion_assets.definitions import defs
from planion_assets.defs.checks.freshness import LISTED, READ, UPDATED, freshness_results
from planion_assets.defs.names import STANDALONE
from planion_assets.freshness.survey import survey
from planion_assets.storage.last_read import note_read
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.freshness.stored import configure, store_conference, text

HOUR = timedelta(hours=1)
PAST = {"startDate": "2001-05-01", "startTime": "09:00", "endTime": "10:00"}


def _check(instance: dg.DagsterInstance) -> tuple[dg.ExecuteInProcessResult, dict[str, dg.AssetCheckEvaluation]]:
    result = defs.resolve_job_def("check_freshness").execute_in_process(instance=instance, raise_on_error=False)
    return result, {found.check_name: found for found in result.get_asset_check_evaluations()}


def _values(found: dg.AssetCheckEvaluation) -> dict[str, Any]:
    return {name: value.value for name, value in found.metadata.items()}


def _listed(found: dg.AssetCheckEvaluation, name: str) -> list[dict[str, Any]]:
    return [dict(record.data) for record in _values(found)[name].records]


@pytest.fixture
def store(workplace: Path) -> LocalStore:
    return LocalStore(workplace / "data")


def test_everything_fresh_and_read_passes(workplace: Path, store: LocalStore, instance: dg.DagsterInstance) -> None:
    now = datetime.now(UTC)
    configure(workplace, "C1", "DONE")
    store_conference(store, "C1", [{"session_updated_at": text(now - HOUR)}], fetched_at=now)
    store_conference(store, "DONE", [PAST])
    store_conference(store, "GONE", [{"session_updated_at": "2001-01-01 00:00:00"}])
    result, found = _check(instance)
    assert result.success
    assert set(found) == {UPDATED, READ}
    for evaluation in found.values():
        assert evaluation.passed
        assert not evaluation.blocking
        assert evaluation.partition is None
    updated, read = _values(found[UPDATED]), _values(found[READ])
    assert updated["verdicts"] == {"fresh": 1, "over": 1, "not configured": 1}
    assert (updated["stale_conferences"], updated["conferences"], _listed(found[UPDATED], "stale")) == (0, 3, [])
    assert 1 <= updated["oldest_age_hours"] < 1.1
    assert read["verdicts"] == {"read": 1, "over": 1, "not configured": 1}
    assert (read["unread_conferences"], _listed(found[READ], "late")) == (0, [])


def test_a_conference_without_sessions_is_a_warning_that_asks_for_its_id(
    workplace: Path, store: LocalStore, instance: dg.DagsterInstance
) -> None:
    configure(workplace, "AM2O26")
    store_conference(store, "AM2O26", [], fetched_at=datetime.now(UTC))
    _, found = _check(instance)
    assert (found[UPDATED].passed, found[READ].passed) == (False, True)
    assert found[UPDATED].severity is dg.AssetCheckSeverity.WARN
    (row,) = _listed(found[UPDATED], "stale")
    assert "no sessions yet: is AM2O26 its ID?" in row["reason"]


def test_stale_content_fails_one_check_and_a_dead_pipeline_the_other(
    workplace: Path, store: LocalStore, instance: dg.DagsterInstance
) -> None:
    now = datetime.now(UTC)
    configure(workplace, "QUIET", "OLD", "DEAD", "UNTIMED", "AHEAD", "NEVER", more="feed: {timezone: America/Denver}")
    store_conference(store, "QUIET", [{"session_updated_at": text(now - 100 * HOUR)}], fetched_at=now)
    key = store_conference(store, "OLD", [{"session_updated_at": text(now - 900 * HOUR)}], fetched_at=now - 900 * HOUR)
    note_read(store.files, key, now)
    store_conference(store, "DEAD", [{"session_updated_at": text(now - HOUR)}], fetched_at=now - HOUR)
    store_conference(store, "UNTIMED", [{}], fetched_at=now)
    store_conference(store, "AHEAD", [{"session_updated_at": text(now + 5 * HOUR)}], fetched_at=now)
    result, found = _check(instance)
    assert result.success

    updated = found[UPDATED]
    assert (updated.passed, updated.severity) == (False, dg.AssetCheckSeverity.ERROR)
    values = _values(updated)
    assert (values["stale_conferences"], values["errors"], values["warnings"]) == (2, 3, 1)
    assert 900 <= values["oldest_age_hours"] < 900.1
    stale = _listed(updated, "stale")
    assert [record["conference"] for record in stale] == ["AAA|UNTIMED", "AAA|OLD", "AAA|AHEAD", "AAA|QUIET"]
    assert [record["verdict"] for record in stale] == ["no timestamps", "stale", "in the future", "stale"]
    assert (stale[1]["limit_hours"], stale[3]["limit_hours"], stale[3]["level"]) == (336, 36, "warn")
    assert "feed.timezone is probably set wrong" in stale[2]["reason"]
    assert updated.description == (
        "AAA|UNTIMED no timestamps; AAA|OLD stale; AAA|AHEAD in the future; AAA|QUIET stale; "
        "6 conferences: 1 fresh, 2 stale, 1 no timestamps, 1 in the future, 1 not stored"
    )

    read = found[READ]
    assert (read.passed, read.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert [(record["conference"], record["verdict"]) for record in _listed(read, "late")] == [
        ("AAA|NEVER", "never read"),
        ("AAA|DEAD", "late"),
    ]
    assert _values(read)["unread_conferences"] == 2

    (event,) = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert "(<data:image/svg+xml," in str(metadata["timeline"].value)
    assert (metadata["errors"].value, metadata["warnings"].value) == (5, 1)
    rows = pq.read_table(workplace / "data" / "conference_status.parquet").to_pylist()
    levels = {row["conference"]: (row["freshness_level"], row["reading_level"]) for row in rows}
    assert levels == {
        "QUIET": ("warn", "ok"),
        "OLD": ("error", "ok"),
        "DEAD": ("ok", "error"),
        "UNTIMED": ("error", "ok"),
        "AHEAD": ("error", "ok"),
        "NEVER": ("ok", "error"),
    }


def test_warnings_alone_are_a_warning(workplace: Path, store: LocalStore) -> None:
    now = datetime.now(UTC)
    configure(workplace, "C1")
    store_conference(store, "C1", [{"session_updated_at": text(now - 100 * HOUR)}], fetched_at=now)
    updated = freshness_results(survey(load(), store, now), STANDALONE, now)[0]
    assert (updated.passed, updated.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_at_most_a_hundred_are_listed_the_worst_first(workplace: Path, store: LocalStore) -> None:
    now = datetime.now(UTC)
    names = [f"C{number}" for number in range(LISTED + 5)]
    configure(workplace, *names)
    first = store_conference(store, names[0], [{"session_updated_at": text(now - 1000 * HOUR)}])
    for name in names[1:]:
        key = type(first)("AAA", name)
        path = store.path("sessions", key)
        path.write_bytes(store.path("sessions", first).read_bytes())
    store_conference(store, "C7", [{"session_updated_at": text(now - 2000 * HOUR)}])
    result = freshness_results(survey(load(), store, now), STANDALONE, now)[0]
    listed = result.metadata["stale"]
    assert isinstance(listed, dg.TableMetadataValue)
    records = listed.records
    assert len(records) == LISTED
    assert records[0].data["conference"] == "AAA|C7"
    assert result.metadata["stale_conferences"].value == LISTED + 5


def test_nothing_stored_and_a_mistake_in_the_file(workplace: Path, instance: dg.DagsterInstance) -> None:
    (workplace / "planion.yaml").write_text("refresh_interval: often\n")
    result, found = _check(instance)
    assert not result.success
    assert found == {}
    reasons = [
        event.step_failure_data.user_failure_data.description
        for event in result.all_events
        if event.is_step_failure and event.step_failure_data.user_failure_data
    ]
    assert len(reasons) == 1
    assert all("planion.yaml: refresh_interval: is not a duration; write" in str(reason) for reason in reasons)


def test_the_refresh_does_not_run_the_checks_over_all_conferences() -> None:
    planned = {
        name: set(defs.resolve_job_def(name).asset_layer.asset_graph.asset_check_keys)
        for name in ("refresh", "check_freshness")
    }
    both = {STANDALONE.check_key("conference_status", name) for name in (UPDATED, READ)}
    assert not both & planned["refresh"]
    assert both == planned["check_freshness"]
