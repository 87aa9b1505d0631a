"""How often Dagster is asked for what it has noted last: once for each asset of a conference."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.defs import dagster_internals, latest_materializations
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

    def counting(instance: dg.DagsterInstance, partition: str, assets: Sequence[dg.AssetKey]) -> Any:
        counted.update((asset.to_user_string(), partition) for asset in assets)
        return dagster_internals.latest_materializations(instance, partition, assets)

    monkeypatch.setattr(latest_materializations, "latest_materializations", counting)
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
