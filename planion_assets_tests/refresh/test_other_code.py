"""What a refresh does where the feed has not changed and the code has: tables by other code are made anew."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from planion_assets.cli.main import main
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.tables import catalog, model
from planion_assets_tests.instances import copy_instance
from planion_assets_tests.refresh.declarations import changeable
from planion_assets_tests.runs import EMPTY, SINGLE, files

KEYS = (EMPTY, SINGLE)
TRACKS = catalog.table("session_tracks")


def _planion(*arguments: str) -> str:
    done = CliRunner(catch_exceptions=False).invoke(main, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def data(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of two conferences, which do not change."""
    copy_instance(configured / ".dagster")
    monkeypatch.setenv("DAGSTER_HOME", str(configured / ".dagster"))
    _refresh(changed=True)
    return configured / "data"


@pytest.fixture
def tracks() -> Iterator[Any]:
    """Changes the declaration of `session_tracks` for one test."""
    with changeable(TRACKS) as change:
        yield change


def _refresh(*, changed: bool = False) -> None:
    """Refresh both without Dagster: every table, of a feed that has changed or has not."""
    planion = PlanionResource()
    keys = [ConferenceKey.parse(key) for key in KEYS]
    outcomes = list(refresh(keys, catalog.ASSETS, planion.writable_store(), planion.client, planion.options))
    assert len(outcomes) == len(KEYS)
    for outcome in outcomes:
        assert isinstance(outcome, Refreshed), outcome
        assert outcome.changed is changed


def _command() -> list[str]:
    """Refresh both by the command: what it says of how many tables were rebuilt, a count for each conference."""
    said = _planion("refresh", *KEYS)
    assert "2 read, 2 unchanged, 0 changed, 0 failed" in said
    return re.findall(r"\((\d+ of \d+) tables rebuilt\)", said)


def _written(data: Path, refreshing: Callable[[], object]) -> set[str]:
    """The tables that a refresh writes. Change logs get files, and none is rewritten."""
    before = files(data)
    refreshing()
    after = files(data)
    assert {name.split("/")[-4] for name in set(after) ^ set(before)} <= {one.name for one in catalog.HISTORIES}
    return {name.split("/")[-3] for name in before if before[name] != after[name] and name.count("/") > 1}


def test_a_table_of_another_version_is_made_anew_and_no_other_and_words_about_it_write_nothing(
    data: Path, tracks: Any
) -> None:
    said: list[str] = []
    *rest, last = TRACKS.columns
    tracks("columns", (*rest, replace(last, description="Other words.")))
    assert _written(data, lambda: said.extend(_command())) == set()
    assert said == []
    assert "session_tracks" not in _planion("verify", SINGLE), "damaged by another description"
    tracks("code_version", "next")
    assert _written(data, lambda: said.extend(_command())) == {"session_tracks"}
    table_counts = [
        sum((data / table.location / f"{key.replace('|', '/')}.parquet").is_file() for table in catalog.TABLES)
        for key in KEYS
    ]
    assert sorted(said) == sorted(f"1 of {count}" for count in table_counts)
    schema = pq.read_schema(data / "session_tracks/TOS/WS2027.parquet")
    assert schema.metadata[b"planion.code_version"].decode() == TRACKS.fingerprint
    assert (schema.field(last.name).metadata or {})[b"description"] == b"Other words."
    assert _written(data, _refresh) == set()


def test_a_version_of_all_makes_all_tables_anew_and_rewrites_no_history(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "TRANSFORM_VERSION", "next")
    written = _written(data, _refresh)
    stored = {table.name for table in catalog.TABLES if (data / table.location).is_dir()}
    assert written == stored
    assert len(stored) > 10
    assert _written(data, _refresh) == set()
