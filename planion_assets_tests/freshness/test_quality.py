"""What cannot be read of a conference is said by `planion status`, from footers alone, over or not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from planion_assets.cli.main import main
from planion_assets.feed.client import FeedClient
from planion_assets.freshness.quality import quality
from planion_assets.freshness.verdicts import Level, State
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.quality.links import SPEAKERS_EXPECTED
from planion_assets_tests.feed.server import KEY, LocalFeed, client_of, item, page_of
from planion_assets_tests.freshness.stored import configure
from planion_assets_tests.freshness.test_verdicts import NOW, facts
from planion_assets_tests.runs import CORE

OVER = {"ends": NOW - timedelta(days=1)}


@pytest.mark.parametrize(
    ("more", "state", "level", "words"),
    [
        ({}, State.USABLE, Level.OK, "every item is a session"),
        ({"sessions": None, "links": None}, State.NOT_STORED, Level.OK, "nothing is stored"),
        ({"limits": None, "nameless": 3}, State.NOT_CONFIGURED, Level.OK, "removed from planion.yaml: `planion forget"),
        ({"nameless": 2}, State.REJECTED_ITEMS, Level.ERROR, "2 items of the feed have no usable schedid"),
        ({"nameless": 2, **OVER}, State.REJECTED_ITEMS, Level.WARN, "2 items of the feed have no usable schedid"),
        ({"contested": 1}, State.REJECTED_ITEMS, Level.WARN, "1 items of the feed that have a schedid"),
        ({"unreadable": {"sessions.sesid": 4}}, State.UNREADABLE_VALUES, Level.WARN, "are null: sessions.sesid 4;"),
        ({"unreadable": {"sessions.sesid": 4}, **OVER}, State.UNREADABLE_VALUES, Level.WARN, "sessions.sesid 4"),
        (
            {"unreadable": {f"sessions.c{n}": n for n in range(1, 8)}, "nameless": 1, "links": 0},
            State.REJECTED_ITEMS,
            Level.ERROR,
            "sessions.c7 7, sessions.c6 6, sessions.c5 5, sessions.c4 4, sessions.c3 3 and 2 more columns",
        ),
        ({"newest": None}, State.USABLE, Level.OK, "every item"),
        ({"newest": None, **OVER}, State.NO_TIMESTAMPS, Level.WARN, "none of 3 sessions has a readable"),
        ({"newest": None, "sessions": 0, "links": 0, **OVER}, State.USABLE, Level.OK, "every item"),
        (
            {"links": 0, "sessions": SPEAKERS_EXPECTED},
            State.NO_SPEAKERS,
            Level.WARN,
            "none of 2 sessions has a speaker",
        ),
        ({"links": 0, "sessions": SPEAKERS_EXPECTED - 1}, State.USABLE, Level.OK, "every item"),
        ({"links": None}, State.USABLE, Level.OK, "every item"),
        ({"problems": ("x is no Parquet",)}, State.UNREADABLE, Level.ERROR, "x is no Parquet"),
    ],
)
def test_quality(more: dict[str, Any], state: State, level: Level, words: str) -> None:
    verdict = quality(facts(**more), NOW)
    assert (verdict.state, verdict.level) == (state, level)
    assert words in verdict.reason


def _refreshed(store: LocalStore, rows: list[Any]) -> None:
    """Read from a feed of those rows, the tables that are looked at."""
    tables = [table for table in TABLES if table.name in (*CORE, "rejected_items")]
    with LocalFeed(lambda request: page_of(rows, request.page)) as server, client_of(server) as feed:

        def opened(_: Any) -> FeedClient:
            return feed

        (outcome,) = refresh([KEY], tables, store, opened, lambda _: RefreshOptions())
    assert isinstance(outcome, Refreshed)


def _session(number: int, **fields: Any) -> dict[str, Any]:
    """A session of a conference that is over long ago, as most feeds still list them."""
    now = datetime.now(UTC)
    speakers = [{"pid": "1", "pslinkid": str(number), "published": True}]
    times = {"startDate": "2024-11-03", "startTime": "07:30 pm", "endTime": "08:30 pm"}
    return (
        item(str(number), session_updated_at=f"{now:%Y-%m-%d %H:%M:%S}", published=True, speakers=speakers, **times)
        | fields
    )


def _status() -> tuple[int, dict[str, Any], str]:
    """The exit code, the row of the conference, and what a person is shown."""
    runner = CliRunner(catch_exceptions=False)
    done = runner.invoke(main, ["status", "--json"])
    (row,) = json.loads(done.stdout)
    printed = runner.invoke(main, ["status"])
    assert printed.exit_code == done.exit_code
    return done.exit_code, row, printed.stdout


SHAPELESS: Any = {"a": 1, "b": [2]}


@pytest.mark.parametrize(
    ("fields", "state", "said"),
    [
        ({"session_updated_at": "soon"}, State.UNREADABLE_VALUES, "sessions.session_updated_at 3"),
        ({"session_updated_at": SHAPELESS}, State.UNREADABLE_VALUES, "sessions.session_updated_at 3"),
        ({"schedule_updated_at": "once"}, State.UNREADABLE_VALUES, "sessions.schedule_updated_at 3"),
        ({"sesid": SHAPELESS}, State.UNREADABLE_VALUES, "sessions.sesid 3"),
        ({"roomid": SHAPELESS}, State.UNREADABLE_VALUES, "sessions.roomid 3"),
        ({"speakers": [{"pslinkid": SHAPELESS}]}, State.UNREADABLE_VALUES, "session_speakers.pslinkid 3"),
        ({"speakers": [{"pid": SHAPELESS}]}, State.UNREADABLE_VALUES, "session_speakers.pid 3"),
        ({"published": "perhaps"}, State.UNREADABLE_VALUES, "sessions.published 3"),
        ({"session_updated_at": None}, State.NO_TIMESTAMPS, "none of 3 sessions has a readable session_updated_at"),
        ({"speakers": []}, State.NO_SPEAKERS, "none of 3 sessions has a speaker"),
        ({"schedid": ""}, State.REJECTED_ITEMS, "3 items of the feed have no usable schedid"),
    ],
)
def test_status_warns_of_what_cannot_be_read_of_a_conference_that_is_over(
    workplace: Path, fields: dict[str, Any], state: State, said: str
) -> None:
    configure(workplace, KEY.conference)
    rows = [_session(number) for number in range(2)]
    if "schedid" not in fields:
        rows = []
    _refreshed(LocalStore(workplace / "data"), [*rows, *(_session(number, **fields) for number in range(5, 8))])
    code, row, printed = _status()
    assert code == 0
    assert (row["freshness"], row["level"], row["quality_level"]) == ("over", "warn", "warn")
    assert row["quality"] == str(state)
    assert said in row["quality_reason"]
    assert f"AAA|AM2026  {state}: " in printed
    assert "0 with errors, 1 with warnings" in printed


def test_a_session_that_is_missing_is_an_error_until_the_conference_is_over(workplace: Path) -> None:
    configure(workplace, f"{KEY.conference}, active_until: 2099-12-31")
    later = {"startDate": "2099-11-03"}
    rows = [_session(1, **later), _session(2, schedid=SHAPELESS), "text", _session(1, sessionName="other", **later)]
    _refreshed(LocalStore(workplace / "data"), rows)
    code, row, printed = _status()
    assert (code, row["level"], row["quality"], row["rejected_items"]) == (1, "error", "rejected items", 3)
    assert "2 items of the feed have no usable schedid" in printed
    assert "1 items of the feed that have a schedid are no sessions" in row["quality_reason"]


def test_a_conference_without_fault_is_usable_and_its_footers_are_all_that_is_read(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(workplace, f"{KEY.conference}, active_until: 2099-12-31")
    store = LocalStore(workplace / "data")
    _refreshed(store, [_session(number, startDate="2099-11-03") for number in range(3)])

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a row was read")

    monkeypatch.setattr(pq.ParquetFile, "read", refuse)
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", refuse)
    code, row, printed = _status()
    assert (code, row["level"], row["quality"]) == (0, "ok", "usable")
    assert (row["rejected_items"], row["unreadable_values"]) == (0, 0)
    assert "0 with errors, 0 with warnings" in printed


@pytest.mark.parametrize("table", ["session_speakers", "rejected_items"])
def test_a_broken_file_beside_the_sessions_is_an_error(workplace: Path, table: str) -> None:
    configure(workplace, f"{KEY.conference}, active_until: 2099-12-31")
    store = LocalStore(workplace / "data")
    _refreshed(store, [_session(number, startDate="2099-11-03") for number in range(3)])
    store.path(table, KEY).write_bytes(b"PAR1 and then nothing")
    code, row, _ = _status()
    assert (code, row["quality"], row["quality_level"]) == (1, "unreadable", "error")
    assert "is not a readable Parquet file" in row["quality_reason"]
    store.path(table, KEY).unlink()
    assert _status()[1]["quality"] == "usable"
