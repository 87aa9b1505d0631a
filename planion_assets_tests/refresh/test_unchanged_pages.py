"""A refresh of a feed whose bytes are those that are stored: nothing is parsed, and what is missing is made again."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.page_digests import PageDigests
from planion_assets.tables.catalog import TABLES, table
from planion_assets.tables.model import Table, Zones
from planion_assets_tests.feed.server import KEY, LocalFeed, Request, Response, client_of, item, page_of, pages_parsed
from planion_assets_tests.many import KEYS, Many
from planion_assets_tests.many import refreshed as refreshed_many
from planion_assets_tests.runs import files

ENDPOINTS = ("sessions", "speakers")
RAW = ("raw_sessions", "raw_speakers")
OF_EACH_KIND = ("sessions", "session_tracks", "rejected_items", "speakers", "published_sessions", "published_speakers")
"""Of records, of their lists, of all items, of the other endpoint, a part of one, and joined from several."""
OWNER = {"account": KEY.account, "conference": KEY.conference}


class Feed(LocalFeed):
    """Two pages of sessions, the last of which holds the first again, and one of people."""

    def __init__(self) -> None:
        speaker = {"pid": "7", "pslinkid": "70", "published": True}
        more = {"published": True, "session_updated_at": "2036-05-04 10:00:00", "speakers": [speaker]}
        rows = [item(str(number), **more) for number in range(110)]
        self.rows: dict[str, list[Any]] = {"sessions": [*rows, rows[0], "text"], "speakers": [{"pid": "7", **OWNER}]}
        self.before_answer: Callable[[str], None] = lambda endpoint: None
        super().__init__(self._page)

    def __enter__(self) -> "Feed":
        super().__enter__()
        return self

    def _page(self, request: Request) -> Response:
        endpoint = request.path.rsplit("/", 1)[-1]
        self.before_answer(endpoint)
        return page_of(self.rows[endpoint], request.page)

    def refreshed(self, store: LocalStore, tables: tuple[Table, ...] = TABLES, zones: Zones | None = None) -> Refreshed:
        """One refresh, which must succeed."""
        outcome = self.outcome(store, tables, zones)
        assert isinstance(outcome, Refreshed), outcome
        assert outcome.problems == ()
        return outcome

    def outcome(
        self, store: LocalStore, tables: tuple[Table, ...] = TABLES, zones: Zones | None = None
    ) -> Refreshed | Failed:
        """One refresh."""
        options = RefreshOptions(zones=zones or Zones(), endpoints=ENDPOINTS)
        self.requests.clear()
        with client_of(self) as feed:
            (outcome,) = refresh([KEY], tables, store, lambda _: feed, lambda _: options)
        return outcome

    @property
    def asked(self) -> list[tuple[str, int]]:
        """The pages that the last refresh has asked for."""
        return [(request.path.rsplit("/", 1)[-1], request.page) for request in self.requests]


ONCE = [("sessions", 1), ("sessions", 2), ("speakers", 1)]


@pytest.fixture
def feed() -> "Any":
    with Feed() as server:
        yield server


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every table, from two walks."""
    store = LocalStore(tmp_path_factory.mktemp("stored"))
    with Feed() as server:
        assert server.refreshed(store).state == "changed"
    return store.root


@pytest.fixture
def store(tmp_path: Path, stored: Path) -> LocalStore:
    """Where every table is stored."""
    return LocalStore(shutil.copytree(stored, tmp_path / "data"))


@pytest.fixture
def parsed(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the pages that were parsed once all was stored."""
    return pages_parsed(monkeypatch)


def _note(store: LocalStore, name: str) -> PageDigests | None:
    return PageDigests.of_json(store.footer(name, KEY).pages)


def _with_notes(store: LocalStore, name: str, **notes: bytes | None) -> None:
    """Write the stored table again with other `planion.*` metadata; None takes one away."""
    path = store.path(name, KEY)
    data = pq.read_table(path)
    metadata = {**(data.schema.metadata or {}), **{f"planion.{note}".encode(): text for note, text in notes.items()}}
    remaining = {note: text for note, text in metadata.items() if text is not None}
    pq.write_table(data.replace_schema_metadata(remaining), path)


def _counts(outcome: Refreshed) -> list[tuple[str, int, int, str]]:
    """The name, the duplicates, the rows and the digest of each table."""
    return [
        (stored.table.name, stored.content.duplicate_items, stored.footer.rows, stored.content.digest)
        for stored in outcome.tables
    ]


@pytest.mark.parametrize("note", [None, b"", b"\xff", b"{}", b'{"version": 0, "bodies": [], "duplicate_items": 0}'])
@pytest.mark.parametrize("name", RAW)
def test_a_file_whose_note_is_missing_or_damaged_is_compared_with_what_is_parsed(
    feed: Feed, store: LocalStore, parsed: list[int], name: str, note: bytes | None
) -> None:
    _with_notes(store, name, pages=note)
    before = files(store.root)
    outcome = feed.refreshed(store)
    assert (outcome.state, feed.asked) == ("unchanged", ONCE)
    assert parsed == ([1, 2] if name == "raw_sessions" else [1])
    assert files(store.root) == before


@pytest.mark.parametrize("lost", ["file", "code version", "schema", "provenance", "damaged"])
@pytest.mark.parametrize("name", RAW)
def test_a_raw_table_that_must_be_written_again_is_read_from_the_feed(
    feed: Feed, store: LocalStore, parsed: list[int], name: str, lost: str
) -> None:
    path = store.path(name, KEY)
    before, note = pq.read_table(path), _note(store, name)
    if lost == "file":
        path.unlink()
    elif lost == "damaged":
        path.write_bytes(path.read_bytes()[:-9])
    elif lost == "schema":
        pq.write_table(before.drop_columns(["etag"]), path)
    else:
        _with_notes(store, name, **({"code_version": b"old"} if lost == "code version" else {"snapshot": None}))
    outcome = feed.refreshed(store)
    written = outcome.stored(name)
    assert written is not None
    assert written.written
    assert pq.read_table(path).equals(before)
    assert _note(store, name) == note
    cold = 3 if name == "raw_sessions" else 2  # an item of the sessions repeats
    walks = cold if lost in ("file", "provenance", "damaged") else 1
    expected = [("sessions", 1), ("sessions", 2)] if name == "raw_sessions" else [("speakers", 1)]
    assert sorted(asked for asked in feed.asked if asked in expected) == sorted(expected * walks)
    # The tables that show people take those of `speakers` meanwhile, which are the same.
    assert sorted(parsed) == sorted(page for _, page in expected), "and the other endpoint's pages are known"


@pytest.mark.parametrize("name", RAW)
def test_a_digest_that_other_code_has_stored_is_not_taken_for_what_this_code_makes_of_the_pages(
    feed: Feed, store: LocalStore, name: str
) -> None:
    expected = feed.refreshed(store).stored(name)
    _with_notes(store, name, code_version=b"old", snapshot=b"0" * 64)
    found = feed.refreshed(store).stored(name)
    assert expected is not None
    assert found is not None
    assert found.content.digest == expected.content.digest


def test_a_raw_table_that_goes_while_the_feed_is_read_is_written_again(feed: Feed, store: LocalStore) -> None:
    before = files(store.root)
    feed.before_answer = lambda endpoint: store.path(f"raw_{endpoint}", KEY).unlink(missing_ok=True)
    feed.refreshed(store)
    assert {name: data for name, (_, data) in files(store.root).items()} == {
        name: data for name, (_, data) in before.items()
    }


def test_of_an_unchanged_feed_nothing_is_parsed_or_written_and_all_is_told(
    feed: Feed, store: LocalStore, parsed: list[int]
) -> None:
    before = files(store.root)
    for name in RAW:
        _with_notes(store, name, pages=None)
    expected = feed.refreshed(store)
    parsed.clear()
    for name, (_, data) in before.items():
        (store.root / name).write_bytes(data)
    before = files(store.root)
    outcome = feed.refreshed(store)
    assert (parsed, outcome.state, feed.asked) == ([], "unchanged", ONCE)
    assert files(store.root) == before
    assert not any(stored.written for stored in outcome.tables)
    assert _counts(outcome) == _counts(expected)
    assert outcome.updated_range == expected.updated_range
    readings = [stored.content.reading for stored in outcome.tables]
    assert {(reading.pages, reading.walks, reading.requests) for reading in readings if reading} == {
        (2, 1, 2),
        (1, 1, 1),
    }
    assert {stored.content.duplicate_items for stored in outcome.tables} == {0, 1}


def test_a_conference_of_zero_items_is_known_too(feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed.rows = {"sessions": [], "speakers": []}
    store = LocalStore(tmp_path / "empty")
    feed.refreshed(store)
    before = files(store.root)
    monkeypatch.setattr("planion_assets.feed.client.parse_page", None)
    outcome = feed.refreshed(store)
    assert (outcome.state, len(feed.asked)) == ("unchanged", 2)
    assert files(store.root) == before


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_a_derived_table_that_is_gone_is_made_again_as_it_was(
    feed: Feed, store: LocalStore, parsed: list[int], name: str
) -> None:
    path = store.path(table(name).location, KEY)
    before = path.read_bytes()
    path.unlink()
    outcome = feed.refreshed(store)
    assert path.read_bytes() == before
    assert [stored.table.name for stored in outcome.tables if stored.written] == [name]
    assert (outcome.state, feed.asked) == ("unchanged", ONCE)
    assert parsed == ([1] if table(name).endpoint == "speakers" else [1, 2])


def test_tables_that_are_gone_are_made_again_for_several_conferences(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "data")
    with Many() as many:
        keys = KEYS[:2]
        refreshed_many(store, many.url, keys)
        assert all(PageDigests.of_json(store.footer("raw_sessions", key).pages) for key in keys)
        before = {path: path.read_bytes() for path in store.root.glob("session_speakers/*/*.parquet")}
        for path in before:
            path.unlink()
        outcomes = refreshed_many(store, many.url, keys)
    assert [outcome for outcome in outcomes if isinstance(outcome, Failed)] == []
    assert len(before) == len(keys)
    assert {path: path.read_bytes() for path in before} == before


def test_another_zone_makes_tables_again(feed: Feed, store: LocalStore) -> None:
    zones = Zones(venue="America/New_York")
    outcome = feed.refreshed(store, zones=zones)
    assert (outcome.changed, outcome.state) == (False, "restated")
    assert {stored.table for stored in outcome.tables if stored.written} == {table for table in TABLES if table.zoned}


def test_times_of_change_are_told_where_sessions_are_not_wanted(feed: Feed, store: LocalStore) -> None:
    expected = feed.refreshed(store).updated_range
    assert expected is not None
    assert feed.refreshed(store, (table("raw_sessions"),)).updated_range == expected


@pytest.mark.parametrize("place", [0, 50, 110], ids=["first page", "repeated", "last page"])
def test_a_changed_feed_is_walked_twice_and_its_pages_noted(feed: Feed, store: LocalStore, place: int) -> None:
    notes = {name: _note(store, name) for name in RAW}
    feed.rows["sessions"][place] = item("0", sessionName="Edited")
    outcome = feed.refreshed(store)
    walks = 3 if place == 50 else 2
    assert (outcome.state, sorted(feed.asked)) == ("changed", sorted(ONCE[:2] * walks + ONCE[2:]))
    note, before = _note(store, "raw_sessions"), notes["raw_sessions"]
    assert note is not None
    assert before is not None
    assert note.bodies != before.bodies
    assert note.duplicate_items == (1 if place == 50 else 0)
    assert _note(store, "raw_speakers") == notes["raw_speakers"]
    assert feed.refreshed(store).state == "unchanged"


def test_other_bytes_of_the_same_content_change_nothing(feed: Feed, store: LocalStore, parsed: list[int]) -> None:
    before = files(store.root)
    feed.rows["sessions"] = [row | {"_etag": "1"} if isinstance(row, dict) else row for row in feed.rows["sessions"]]
    assert feed.refreshed(store).state == "unchanged"
    assert parsed == [1, 2]
    assert files(store.root) == before


def test_only_raw_tables_have_a_note(store: LocalStore) -> None:
    noted = {table.name for table in TABLES if store.footer(table.location, KEY).pages}
    assert noted == set(RAW)
