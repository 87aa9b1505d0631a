"""The tables of all conferences: their days and counts, and that the public one has nothing that is not public."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from planion_assets.config import load
from planion_assets.freshness.overview import overview, write
from planion_assets.keys import ConferenceKey
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import Pieces, Provenance
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.conferences import CONFERENCES
from planion_assets.tables.published_conferences import PUBLISHED_CONFERENCES
from planion_assets_tests.freshness.stored import FETCHED, configure
from planion_assets_tests.tables.items import Item

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BOTH = (CONFERENCES, PUBLISHED_CONFERENCES)
LINKS = [{"pslinkid": "1", "published": True}, {"pslinkid": "2", "published": None}]
SESSIONS: list[dict[str, Any]] = [
    {"published": 1, "startDate": "2026-11-21", "session_updated_at": "2026-10-01 00:00:00", "speakers": LINKS},
    {"published": True, "startDate": "2026-11-22", "endDate": "2026-11-24", "startTime": " "},
    {"published": False, "startDate": "2026-11-20", "endDate": "2026-11-25", "speakers": LINKS},
    {"startDate": "2026-11-30", "endDate": "TBD", "session_updated_at": "2026-11-01 00:00:00"},
    {"published": True, "startDate": "", "startTime": "09:00 am"},
]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "data")


def _store(store: LocalStore, name: str, sessions: list[dict[str, Any]]) -> ConferenceKey:
    key = ConferenceKey("AAA", name)
    items = [Item({"schedid": str(number), **session}) for number, session in enumerate(sessions)]
    for table in TABLES:
        if table.endpoint == "sessions":
            provenance = Provenance("digest", FETCHED, table.fingerprint)
            rows = Pieces.of(build_table(table, key, items).data)
            store.write(table.location, key, rows.with_notes(provenance, "{}", ""))
    return key


def _rows(store: LocalStore) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    write(store, overview(load({}, store.root.parent), store, NOW, BOTH), BOTH)
    found = [store.read(table.location, None, schema_of(table)).to_pylist() for table in BOTH]
    return found[0], found[1]


def test_each_conference_is_a_row_and_the_public_one_knows_what_is_published_alone(
    tmp_path: Path, store: LocalStore
) -> None:
    configure(tmp_path, "C1, timezone: America/Chicago", "NEVER")
    _store(store, "C1", SESSIONS)
    _store(store, "GONE", SESSIONS[:1])
    rows, public = _rows(store)
    assert rows[0] == {
        "account": "AAA",
        "conference": "C1",
        "name": "C1",
        "timezone": "America/Chicago",
        "first_day": date(2026, 11, 20),
        "last_day": date(2026, 11, 30),
        "sessions": 5,
        "published_sessions": 3,
        "links": 4,
        "published_links": 1,
        "people": None,
        "newest_session_updated_at": datetime(2026, 11, 1, tzinfo=UTC),
        "last_change_at": FETCHED,
    }
    assert [(row["conference"], row["sessions"], row["timezone"]) for row in rows[1:]] == [
        ("GONE", 1, None),
        ("NEVER", None, None),
    ]
    assert public[0] == {
        "account": "AAA",
        "conference": "C1",
        "name": "C1",
        "timezone": "America/Chicago",
        "first_day": date(2026, 11, 21),
        "last_day": date(2026, 11, 24),
        "sessions": 3,
        "links": 1,
        "newest_session_updated_at": datetime(2026, 10, 1, tzinfo=UTC),
    }
    assert [row["conference"] for row in public] == ["C1", "GONE"]


@pytest.mark.parametrize(
    "sessions", [[], [{"published": None, "startDate": "2026-11-20"}]], ids=["none", "unpublished"]
)
def test_a_conference_that_nobody_may_see_is_not_in_the_public_table(
    tmp_path: Path, store: LocalStore, sessions: list[dict[str, Any]]
) -> None:
    configure(tmp_path, "SECRET")
    _store(store, "SECRET", sessions)
    rows, public = _rows(store)
    assert [(row["sessions"], row["published_sessions"]) for row in rows] == [(len(sessions), 0)]
    assert public == []


def test_a_damaged_file_is_a_conference_without_counts(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1")
    key = _store(store, "C1", SESSIONS)
    for name in ("sessions", "session_speakers", "published/published_sessions"):
        store.path(name, key).write_bytes(b"PAR1 and then nothing")
    rows, public = _rows(store)
    assert [(row["conference"], row["sessions"], row["links"], row["published_links"]) for row in rows] == [
        ("C1", None, None, 1)
    ]
    assert public == []


def test_a_file_that_is_right_is_left_as_it_is_and_one_of_other_code_is_replaced(
    tmp_path: Path, store: LocalStore
) -> None:
    configure(tmp_path, "C1")
    _store(store, "C1", SESSIONS)
    before = _rows(store)
    paths = [store.path(table.location, None) for table in BOTH]
    places = [path.stat().st_ino for path in paths]
    assert _rows(store) == before
    assert [path.stat().st_ino for path in paths] == places
    for table in BOTH:
        stored = store.read(table.location, None)
        store.write(table.location, None, stored.drop_columns(["name"]))
    paths[0].write_bytes(b"PAR1 and then nothing")
    assert _rows(store) == before
