"""What a materialization and a check say, in which order, and which of it Dagster plots."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.defs.events.metadata import reports
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import LatestChange, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox import SandboxServer
from planion_assets.tables.arrow.arrays import empty_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import ASSETS
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.runs import ALL, SMALL, materializations, run

CHANGED = [f"{name}_{kind}" for name in ("sessions", "links") for kind in ("added", "removed", "changed")]
FILE = ["path", "dagster/uri", "dagster/size_bytes"]
STORED = ["oldest_session_updated_at", "fetched_at", "written", "duplicate_items", "snapshot", *FILE]
COST = ["seconds", "pages", "walks", "requests", "retries"]
FIRST = ["newest_session_updated_at", "dagster/partition_row_count", *CHANGED, "unreadable_values"]


def _numbers(metadata: Mapping[str, Any]) -> set[str]:
    """The entries that the UI plots, those of all partitions in one line."""
    plotted = (dg.IntMetadataValue, dg.FloatMetadataValue)
    return {name for name, value in metadata.items() if isinstance(value, plotted)}


def _refresh_outside_of_any_run() -> None:
    """Store all tables, of which Dagster is told nothing: of a first run these tests would look at no event."""
    planion = PlanionResource()
    (outcome,) = refresh(
        [ConferenceKey.parse(SMALL)], ASSETS, planion.writable_store(), planion.client, planion.options
    )
    assert isinstance(outcome, Refreshed)


def test_what_people_look_for_comes_first_and_numbers_of_many_conferences_are_not_plotted(
    configured: Path, sandbox: SandboxServer, instance: dg.DagsterInstance
) -> None:
    _refresh_outside_of_any_run()
    sandbox.sandbox.advance(datetime.now(UTC))
    result = run(instance, [SMALL], select=ALL)
    materialized = {name: event.metadata for (name, _), event in materializations(result).items()}
    assert list(materialized["raw_sessions"]) == [*FIRST, "preview", *STORED, *COST]
    assert list(materialized["sessions"]) == [*FIRST, "programme", "preview", *STORED]
    assert list(materialized["published_sessions"]) == [*FIRST, "day_grid", "preview", *STORED]
    assert list(materialized["session_changes"]) == [
        *CHANGED,
        "changes_per_day",
        "rows_in_newest_file",
        "preview",
        "files",
        *FILE,
    ]
    assert "changes_per_day" in materialized["published_changes"]
    standard = {"dagster/partition_row_count", "dagster/size_bytes"}
    assert all(_numbers(metadata) <= standard for metadata in materialized.values())
    # Of values that show no person.
    preview = str(materialized["session_changes"]["preview"].value)
    assert "| old | new |" in preview

    verdicts = [verdict for verdict in result.get_asset_check_evaluations() if verdict.partition]
    assert {name for verdict in verdicts for name in _numbers(verdict.metadata)} == set()
    # Dagster orders the metadata of a verdict by name.
    for verdict in verdicts:
        assert sorted(verdict.metadata)[:1] in (["found"], [])
        assert sorted(verdict.metadata)[-2:] in (["planion/check_version", "planion/check_version_since_event"], [])

    (overview,) = (
        event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey("conference_status")
    )
    assert list(overview)[:4] == ["freshness_of_all", "to_look_at", "errors", "warnings"]
    totals = {"errors", "warnings", "over", "sessions", "links", "dagster/row_count", "dagster/size_bytes"}
    assert _numbers(overview) == totals
    assert overview["sessions"].value == materialized["sessions"]["dagster/partition_row_count"].value
    assert overview["links"].value == materialized["session_speakers"]["dagster/partition_row_count"].value


@pytest.mark.usefixtures("only_tables")
def test_tables_made_without_reading_the_feed_say_so_first(configured: Path, instance: dg.DagsterInstance) -> None:
    derived = ("sessions", "published_sessions", "session_changes")
    read = materializations(run(instance, [SMALL], select=["raw_sessions", "raw_speakers", *derived, "speakers"]))
    assert not any("derived" in event.metadata for event in read.values())
    materialized = materializations(run(instance, [SMALL], select=[*derived, "speakers"]))
    fetched: Any = read["raw_sessions", SMALL].metadata["fetched_at"].value
    snapshot = f"from the snapshot of {datetime.fromtimestamp(fetched, UTC):%Y-%m-%d %H:%M} UTC"
    for name in derived:
        first, said = next(iter(materialized[name, SMALL].metadata.items()))
        text = f"{snapshot}; the feed was not read: materialize raw_sessions too to read it"
        assert (first, said.value) == ("derived", text)
    assert "materialize raw_speakers too" in str(materialized["speakers", SMALL].metadata["derived"].value)
    changes = materializations(run(instance, [SMALL], select=["session_changes"]))["session_changes", SMALL]
    said = changes.metadata["derived"]
    assert said.value == "from what is stored; the feed was not read: materialize raw_sessions too to read it"


def test_changes_of_older_code_are_not_counted_by_day() -> None:
    rows = empty_table(schema_of(SESSION_CHANGES))
    latest = LatestChange("00000001-a-b.parquet", "00000001-a-b", 7, 1, lambda: rows)
    refreshed = Refreshed(ConferenceKey.parse(SMALL), (), (), (), 1.0, histories={SESSION_CHANGES.name: latest})
    (report,) = reports(refreshed, [SESSION_CHANGES.name])
    assert list(report.metadata) == ["derived", "rows_in_newest_file", "preview", "files", *FILE]
