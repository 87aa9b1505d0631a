"""What `published_changes` tells of people: followed from any state it leads to the published tables of today."""

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from planion_assets.refresh.change_log import read
from planion_assets.refresh.options import RefreshOptions
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.local_writer import LocalWriter
from planion_assets.tables.arrow.arrays import make_array, values_of
from planion_assets.tables.arrow.replay import applied
from planion_assets.tables.arrow.row_text import Row, spelled_rows
from planion_assets.tables.catalog import table
from planion_assets.tables.published_changes import PUBLISHED_CHANGES
from planion_assets.verify.conference_files import inspect
from planion_assets_tests.feed.server import KEY
from planion_assets_tests.kills import Killed, dying_after
from planion_assets_tests.refresh.hidden_people import TABLES_WANTED
from planion_assets_tests.refresh.test_joined_people import READS, Feed

_NAMES = ["sequence", "cause", "entity", "kind", "pid", "column_name", "old", "new"]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was refreshed once."""
    feed = Feed(LocalStore(tmp_path_factory.mktemp("once")))
    assert feed.refreshed()[1] == ()
    return feed.store.root


@pytest.fixture
def feed(once: Path, tmp_path: Path) -> Feed:
    """A feed whose folder was refreshed once."""
    return Feed(LocalStore(shutil.copytree(once, tmp_path / "data")))


def _changes(feed: Feed) -> list[tuple[Any, ...]]:
    """The changes of single columns, and of whole rows without their values."""
    rows = read(feed.store, KEY, PUBLISHED_CHANGES).select(_NAMES).to_pylist()
    whole = (row | {"old": None, "new": None} if row["column_name"] is None else row for row in rows)
    return [tuple(row.values()) for row in whole]


def _state(feed: Feed) -> dict[str, list[Row]]:
    tracked = PUBLISHED_CHANGES.tracked
    return {one.table: spelled_rows(feed.store.read(table(one.table).location, KEY)) for one in tracked}


def _followed(feed: Feed, state: Mapping[str, Sequence[Row]], sequence: int) -> dict[str, list[list[tuple[str, str]]]]:
    """What a reader has who had that state after that step, and has followed all steps since."""
    rows = read(feed.store, KEY, PUBLISHED_CHANGES)
    later = [number > sequence for number in values_of(rows["sequence"])]
    changes = rows.filter(make_array(later, pa.bool_()))
    return {one.table: _full(applied(one, state[one.table], changes)) for one in PUBLISHED_CHANGES.tracked}


def _full(rows: Sequence[Row]) -> list[list[tuple[str, str]]]:
    return sorted(sorted((name, value) for name, value in row.items() if value is not None) for row in rows)


def _stored(feed: Feed) -> dict[str, list[list[tuple[str, str]]]]:
    return {name: _full(rows) for name, rows in _state(feed).items()}


def _parts(feed: Feed) -> list[int]:
    return [part.sequence for part in feed.store.log_parts(PUBLISHED_CHANGES.location, KEY)]


def test_a_first_refresh_tells_of_no_change_and_an_unchanged_one_neither(feed: Feed) -> None:
    assert (_parts(feed), _changes(feed)) == ([0], [])
    assert feed.refreshed() == ([], ())
    assert _parts(feed) == [0]


def test_a_name_that_changes_in_the_method_alone_is_a_change_of_the_feed(feed: Feed) -> None:
    before = _state(feed)
    feed.edit(0, lname="Else1", title="Dean")
    feed.edit(1, lname="Nobody asks")
    feed.refreshed()
    assert _changes(feed) == [
        (1, "feed", "speaker_link", "changed", "1", "lname", "Last1", "Else1"),
        (1, "feed", "speaker_link", "changed", "1", None, None, None),
        (1, "feed", "person", "changed", "1", "lname", "Last1", "Else1"),
        (1, "feed", "person", "changed", "1", "title", None, "Dean"),
        (1, "feed", "person", "changed", "1", None, None, None),
    ]
    sessions = feed.store.footer("raw_sessions", KEY).provenance
    detected = values_of(read(feed.store, KEY, PUBLISHED_CHANGES)["detected_at"])
    assert sessions
    assert min(detected) > sessions.fetched_at, "the sessions were read long before"
    assert _followed(feed, before, 0) == _stored(feed)
    assert inspect(KEY, feed.store, READS, TABLES_WANTED).found.findings == []


def test_people_who_come_late_are_no_change_of_the_feed(tmp_path: Path) -> None:
    """An app that tells people of changes would tell each of them that all names have changed."""
    feed = Feed(LocalStore(tmp_path))
    feed.refreshed(RefreshOptions())
    before = _state(feed)
    feed.refreshed()
    found = _changes(feed)
    assert {row[1] for row in found} == {"restated"}
    assert (1, "restated", "speaker_link", "changed", "1", "lname", None, "Last1") in found
    assert _followed(feed, before, 0) == _stored(feed)


def test_an_account_that_reads_people_no_longer_begins_the_changes_anew(feed: Feed) -> None:
    feed.edit(0, lname="Else1")
    feed.refreshed()
    feed.refreshed(RefreshOptions())
    assert (_parts(feed), _changes(feed)) == ([2], [])
    content = b"".join(feed.published().values())
    assert not any(word in content for word in (b"Last1", b"Else1", b"Life1"))


def test_a_person_keeps_nothing_of_an_engagement_that_is_gone(feed: Feed) -> None:
    feed.speakers.append({"pid": "3", "pslinkid": "6", "published": True, "role": "Host", "affil": "Institute"})
    feed.refreshed()
    before = _state(feed)
    feed.speakers[2]["affil"] = None
    feed.refreshed()
    assert (2, "feed", "person", "changed", "3", "affil", "College", "Institute") in _changes(feed)
    feed.speakers[2]["published"] = None
    feed.refreshed()
    assert {row[2:5] for row in _changes(feed) if row[0] == 3} == {
        ("speaker_link", "removed", "3"),
        ("speaker_link", "changed", "3"),
        ("speaker_link", "changed", "4"),
        ("person", "removed", "3"),
        ("person", "added", "3"),
    }
    assert not any(b"College" in content for content in feed.published().values())
    assert _followed(feed, before, 1) == _stored(feed)


# Two commits of snapshots, some twenty of tables, and those of people once more. Each step in `make soak`.
@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=() if step % 13 == 0 else pytest.mark.soak) for step in range(36)]
)
def test_a_refresh_that_is_killed_at_any_step_leaves_the_changes_leading_to_the_tables(
    feed: Feed, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while sessions and people change, and once more while people do again."""
    before = _state(feed)

    for number in range(2):
        counted = dying_after(step)
        feed.speakers[0]["role"] = f"Role {number}"
        feed.edit(0, lname=f"Name {number}")
        with monkeypatch.context() as context, contextlib.suppress(Killed):
            context.setattr(LocalWriter, "commit", counted(LocalWriter.commit))
            context.setattr(LocalWriter, "commit_snapshot", counted(LocalWriter.commit_snapshot))
            feed.refreshed()
    feed.refreshed()
    assert feed.names()[0] == ("1", "First1", "Name 1")
    assert _followed(feed, before, 0) == _stored(feed)
    assert {row[1] for row in _changes(feed)} == {"feed"}
    assert inspect(KEY, feed.store, READS, TABLES_WANTED).found.findings == []
