"""How often Dagster is asked for what it has noted last: once for each asset of a conference."""

from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.defs.latest_materializations import LatestMaterializations
from planion_assets.defs.names import STANDALONE
from planion_assets.keys import ConferenceKey
from planion_assets_tests.runs import ALL, EMPTY, SINGLE, run

MOST = 12
"""Tables with tables or checks below them, where the speakers are read too."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> "Counter[tuple[str, str]]":
    """How often an instance was asked for the latest materialization, by table and conference."""
    counted: Counter[tuple[str, str]] = Counter()
    fetch = dg.DagsterInstance.fetch_materializations

    def counting(instance: dg.DagsterInstance, wanted: Any, limit: int, **more: Any) -> Any:
        if isinstance(wanted, dg.AssetRecordsFilter):  # else of an asset without partitions
            counted.update((wanted.asset_key.to_user_string(), one) for one in wanted.asset_partitions or ())
        return fetch(instance, wanted, limit=limit, **more)

    monkeypatch.setattr(dg.DagsterInstance, "fetch_materializations", counting)
    return counted


def test_what_was_never_noted_is_asked_for_once_too(instance: dg.DagsterInstance, asked: Counter[Any]) -> None:
    latest = LatestMaterializations(instance, ConferenceKey("AAA", "NEVER"), STANDALONE)
    assert [latest.of("sessions"), latest.of("sessions")] == [None, None]
    assert asked == {("sessions", "AAA|NEVER"): 1}


def test_a_run_asks_once_for_each_table_that_others_or_verdicts_are_about(
    configured: Path, instance: dg.DagsterInstance, asked: Counter[Any]
) -> None:
    assert run(instance, [EMPTY, SINGLE], select=ALL).success
    assert set(asked.values()) == {1}
    per_conference = Counter(partition for _, partition in asked)
    assert set(per_conference) == {EMPTY, SINGLE}
    assert max(per_conference.values()) <= MOST


def test_the_latest_of_a_partition_is_the_newest_of_several_and_none_that_was_wiped() -> None:
    sessions = STANDALONE.asset_key("sessions")

    def latest(conference: str = "AM") -> LatestMaterializations:
        return LatestMaterializations(instance, ConferenceKey("AAA", conference), STANDALONE)

    def report() -> int:
        instance.report_runless_asset_event(dg.AssetMaterialization(sessions, partition="AAA|AM"))
        found = latest().of("sessions")
        assert found is not None
        return found.storage_id

    # This storage keeps the events of what was wiped, as PostgreSQL's does.
    with dg.DagsterInstance.ephemeral() as instance:
        first, second = report(), report()
        assert first < second
        assert latest().storage_ids(["sessions", "raw_sessions"]) == {"sessions": second}
        assert latest("OTHER").storage_ids(["sessions"]) == {}
        instance.wipe_assets([sessions])
        assert latest().of("sessions") is None
        assert report() > second
