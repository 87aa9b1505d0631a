"""Deleting a conference in an object store, where no lock keeps a refresh out."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.change_log import LOGS
from planion_assets.refresh.removal import Owner, forget, stored_parts
from planion_assets.storage.errors import SupersededError
from planion_assets.storage.store import Provenance, Store, Writer
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store

KEY, OTHER = ConferenceKey("AAA", "AM2026"), ConferenceKey("AAA", "AM20")
AT = datetime(2026, 11, 24, tzinfo=UTC)
ROWS = pa.table({"schedid": ["1", "2"]})


def _commit(writer: Writer) -> None:
    staged = [writer.stage(table, ROWS, Provenance("ab" * 32, AT, "1")) for table in ("raw_sessions", "sessions")]
    writer.commit_snapshot(staged[:1])
    writer.commit_all(staged[1:2])
    writer.note_read(AT)


def _refresh(store: Store, key: ConferenceKey) -> None:
    with store.writer(key, LOGS) as writer:
        _commit(writer)


def test_all_of_a_conference_goes_and_nothing_of_another() -> None:
    objects = MemoryObjects()
    store = object_store(objects)
    for key in (KEY, OTHER):
        _refresh(store, key)
        store.write("programme", key, ROWS)
        store.files.set_aside(f"sessions/AAA/{key.conference}.parquet")
    before = {str(key): stored_parts(store, key) for key in (KEY, OTHER)}
    remaining = {name for part in before[str(KEY)] if part.owner is not Owner.PROJECT for name in part.files}
    assert remaining == {"programme/AAA/AM2026.parquet", ".damaged/sessions/AAA/AM2026.parquet"}
    forget(store, KEY, everything=False)
    assert {name for name in objects.names() if "AM2026" in name} == remaining
    forget(store, KEY, everything=True)
    assert {name for name in objects.names() if "AM2026" in name} == set()
    assert stored_parts(store, OTHER) == before[str(OTHER)]


def test_a_refresh_that_began_before_commits_no_more_and_the_next_one_begins_anew() -> None:
    objects = MemoryObjects()
    store = object_store(objects)
    _refresh(store, KEY)
    with store.writer(KEY, LOGS) as writer:
        forget(store, KEY, everything=False)
        with pytest.raises(SupersededError):
            _commit(writer)
    assert stored_parts(store, KEY) == []
    _refresh(store, KEY)
    assert store.keys("sessions") == [KEY]


def test_what_a_refresh_under_way_puts_in_its_place_meanwhile_goes_too() -> None:
    objects = MemoryObjects()
    store = object_store(objects)
    _refresh(store, KEY)
    late = {"sessions/AAA/AM2026.parquet": b"late"}

    def refresh_again(method: str, name: str) -> None:
        if method == "DELETE" and name.startswith(".heads/"):
            for table, content in list(late.items()):
                objects.write(table, late.pop(table) or content)

    objects.before = refresh_again
    forget(store, KEY, everything=False)
    assert late == {}
    assert stored_parts(store, KEY) == []
