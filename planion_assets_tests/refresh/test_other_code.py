"""What a refresh does where the feed has not changed and the code has: tables by other code are made anew."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from planion_assets.cli.main import main
from planion_assets.tables import catalog, model
from planion_assets_tests.runs import files

KEYS = ("AAA|MESS", "TOS|WS2027")
TRACKS = catalog.table("session_tracks")


def _planion(*arguments: str) -> str:
    done = CliRunner(catch_exceptions=False).invoke(main, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def data(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of two conferences, which do not change."""
    monkeypatch.setenv("DAGSTER_HOME", str(configured / ".dagster"))
    assert "2 read, 0 unchanged, 2 changed" in _planion("refresh", *KEYS)
    return configured / "data"


@pytest.fixture
def tracks() -> Iterator[Any]:
    """Changes the declaration of `session_tracks` for one test."""
    before = {name: getattr(TRACKS, name) for name in ("code_version", "columns")}
    yield lambda name, value: object.__setattr__(TRACKS, name, value)
    for name, value in before.items():
        object.__setattr__(TRACKS, name, value)


def _refreshed(data: Path) -> tuple[set[str], list[str]]:
    """The tables that a refresh writes, and what it says of how many it did."""
    before = files(data)
    said = _planion("refresh", *KEYS)
    assert "2 read, 2 unchanged, 0 changed, 0 failed" in said
    after = files(data)
    assert set(after) == set(before)
    written = {name.split("/")[-3] for name in before if before[name] != after[name] and name.count("/") > 1}
    return written, re.findall(r"\((\d+ of \d+) tables rebuilt\)", said)


def test_a_table_of_another_version_is_made_anew_and_no_other(data: Path, tracks: Any) -> None:
    assert _refreshed(data) == (set(), [])
    tracks("code_version", "next")
    written, said = _refreshed(data)
    assert written == {"session_tracks"}
    assert [count.split()[0] for count in said] == ["1", "1"]
    metadata = pq.read_schema(data / "session_tracks/AAA/MESS.parquet").metadata
    assert metadata[b"planion.code_version"].decode() == TRACKS.fingerprint
    assert _refreshed(data) == (set(), [])


def test_a_version_of_all_makes_all_tables_anew_and_leaves_the_history(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "TRANSFORM_VERSION", "next")
    written, said = _refreshed(data)
    stored = {table.name for table in catalog.TABLES if (data / table.location).is_dir()}
    assert written == stored
    assert len(stored) > 10
    assert [len(set(count.split(" of "))) for count in said] == [1, 1], "all of all"
    assert _refreshed(data) == (set(), [])


def test_another_description_writes_nothing_and_damages_nothing(data: Path, tracks: Any) -> None:
    *rest, last = TRACKS.columns
    tracks("columns", (*rest, replace(last, description="Other words.")))
    assert _refreshed(data) == (set(), [])
    assert "session_tracks" not in _planion("verify", *KEYS)
    tracks("code_version", "next")
    assert _refreshed(data)[0] == {"session_tracks"}
    schema = pq.read_schema(data / "session_tracks/AAA/MESS.parquet")
    assert (schema.field(last.name).metadata or {})[b"description"] == b"Other words."
