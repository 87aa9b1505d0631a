"""The overview of all conferences: each is looked at once, whichever tables are made of what is seen."""

import contextlib
import gc
import weakref
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pytest

from planion_assets.config import load
from planion_assets.freshness.overview import overview, write
from planion_assets.freshness.survey import survey
from planion_assets.storage.head import Head
from planion_assets.storage.head_objects import head_name
from planion_assets.storage.local_files import LocalFiles
from planion_assets.storage.local_store import LocalConference, LocalStore
from planion_assets.storage.store import StoredConference
from planion_assets.tables.catalog import OVERVIEWS
from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets_tests.freshness.stored import configure, store_conference
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def opened() -> Iterator[Counter[str]]:
    """How often each file was opened."""
    names: Counter[str] = Counter()
    open_ = LocalFiles.open

    def counted(files: LocalFiles, name: str) -> "contextlib.AbstractContextManager[pa.NativeFile]":
        names[name] += 1
        return open_(files, name)

    with patch.object(LocalFiles, "open", counted):
        yield names


def test_each_file_is_opened_once(tmp_path: Path, opened: Counter[str]) -> None:
    configure(tmp_path, "C1", "C2", "NEVER")
    store, settings = LocalStore(tmp_path / "data"), load({}, tmp_path)
    keys = [store_conference(store, name, [{"published": True}]) for name in ("C1", "C2", "GONE")]
    opened.clear()
    found = overview(settings, store, NOW)
    stored = {f"{table}/AAA/{key.conference}.parquet" for table in ("sessions", "session_speakers") for key in keys}
    assert {name: count for name, count in opened.items() if name in stored} == dict.fromkeys(stored, 1)
    assert list(found.surveyed) == survey(settings, store, NOW)
    assert {table: len(listed) for table, listed in found.lists.items()} == {
        table: 0 if table.public else 4 for table in OVERVIEWS if table is not CONFERENCE_STATUS
    }


def test_a_conference_that_was_looked_at_is_freed_at_once(tmp_path: Path) -> None:
    """Its schemas are a mebibyte, and a refresh seldom looks for cycles."""
    configure(tmp_path, "C1", "NEVER")
    store, settings = LocalStore(tmp_path / "data"), load({}, tmp_path)
    store.path("sessions", store_conference(store, "C1", [{}])).with_name("C2.parquet").write_bytes(b"PAR1")
    seen: list[weakref.ref[LocalConference]] = []

    def noted(conference: LocalConference, *arguments: Any) -> None:
        seen.append(weakref.ref(conference))
        StoredConference.__init__(conference, *arguments)
        conference._found = {}

    gc.disable()
    try:
        with patch.object(LocalConference, "__init__", noted):
            found = overview(settings, store, NOW)
        assert len(found.surveyed) == len(seen) == 3
        assert [one() for one in seen] == [None] * 3
    finally:
        gc.enable()


def test_of_the_lists_only_what_is_asked_for_is_looked_at(tmp_path: Path, opened: Counter[str]) -> None:
    configure(tmp_path, "C1")
    store = LocalStore(tmp_path / "data")
    store_conference(store, "C1", [{}])
    opened.clear()
    assert overview(load({}, tmp_path), store, NOW, [CONFERENCE_STATUS]).lists == {}
    assert not [name for name in opened if name.startswith(("published/", "speakers/"))]


def test_in_an_object_store_the_head_of_each_conference_is_read_once(tmp_path: Path) -> None:
    configure(tmp_path, "C1", "C2")
    settings, objects = load({}, tmp_path), MemoryObjects()
    store = object_store(objects)
    for key in settings.keys():
        objects.write(head_name(key), Head().to_json())
    write(store, overview(settings, store, NOW))
    objects.requests.clear()
    found = overview(settings, store, NOW)
    heads = Counter(name for _, name in objects.requests if name.startswith(".heads/"))
    assert heads == dict.fromkeys(map(head_name, settings.keys()), 1)
    assert [one.facts.key for one in found.surveyed] == list(settings.keys())
