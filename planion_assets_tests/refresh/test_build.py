"""Files that one run builds of many conferences: right ones, two at once, and what a disk that refuses leaves."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.catalog import table
from planion_assets_tests.faults.conference import leftovers, snapshot_of
from planion_assets_tests.many import KEYS, TABLES_OF_SESSIONS, Many, refreshed


@pytest.fixture
def feed() -> Iterator[Many]:
    with Many() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "data")


def test_a_disk_that_refuses_a_table_is_told_and_those_before_it_are_in_their_places(
    feed: Many, store: LocalStore
) -> None:
    keys = KEYS[:2]
    in_the_way = [store.path("session_tracks", key) for key in keys]
    for folder in in_the_way:
        folder.mkdir(parents=True)
    outcomes = refreshed(store, feed.url, keys)
    for outcome, path in zip(outcomes, in_the_way, strict=True):
        assert isinstance(outcome, Failed)
        assert outcome.reason.startswith(f"the disk refused {path}: Is a directory; move away what is in the place of")
        for name in ("raw_sessions", "published_sessions", "sessions", "session_speakers"):
            assert snapshot_of(store, table(name), outcome.key)
        assert not store.path("session_credits", outcome.key).exists()
    assert leftovers(store.root) == []
    for folder in in_the_way:
        folder.rmdir()
    assert all(isinstance(outcome, Refreshed) for outcome in refreshed(store, feed.url, keys))


def test_every_table_is_stored_as_its_outcome_says_and_no_more_than_two_conferences_are_made_at_once(
    feed: Many, store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    making: dict[int, object] = {}
    most, lock, pieces = 0, threading.Lock(), Builder.pieces

    def counted(self: Builder, *given: object) -> object:
        nonlocal most
        with lock:
            making[threading.get_ident()] = self
            most = max(most, len(making))
        try:
            return pieces(self, *given)  # type: ignore[arg-type]
        finally:
            with lock:
                del making[threading.get_ident()]

    monkeypatch.setattr(Builder, "pieces", counted)
    keys = KEYS[:4]
    for outcome in refreshed(store, feed.url, keys):
        assert isinstance(outcome, Refreshed)
        for stored in outcome.tables:
            assert stored.written
            assert stored.data.equals(store.read(stored.table.location, outcome.key))
            assert stored.load(["account"]).column_names == ["account"]
            assert stored.footer == store.footer(stored.table.location, outcome.key)
    assert 1 <= most <= 2
    assert len(list(store.root.rglob("*.parquet"))) == len(keys) * (len(TABLES_OF_SESSIONS) + 2)
    assert leftovers(store.root) == []
