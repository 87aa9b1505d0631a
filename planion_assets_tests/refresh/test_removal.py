"""Deleting a conference: which files go, which stay, in which order, and what a deletion that was stopped leaves."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.publish import LOCATIONS
from planion_assets.refresh.removal import Owner, forget, stored_parts
from planion_assets.storage.atomic_write import refusal, stage
from planion_assets.storage.last_read import note_file, note_read
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import WRITER, LockedError, Pieces
from planion_assets.tables.catalog import HISTORIES, TABLES
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store

NAMES = ("AM2026", "AM2026.parquet", "AM 2026", "AM*", "../AM2026", ".AM2026")
ROWS = pa.table({"schedid": ["1", "2"]})
HISTORY = HISTORIES[0].location
OTHERS = ("programme", "published/their_page")


@cache
def _file() -> bytes:
    with BytesIO() as file:
        Pieces(ROWS.schema, [ROWS]).write(file)
        return file.getvalue()


def _store(root: Path, key: ConferenceKey) -> LocalStore:
    """All that there can be of a conference: each table twice as a writer leaves it, one of them by half."""
    store = LocalStore(root)
    for location in (*LOCATIONS, *OTHERS):
        path = store.path(location, key)
        stage(path, lambda file: file.write(b"half"))
        path.write_bytes(_file())
    changes = ("00000000-nothing-ab.parquet", "00000000-00000001-nothing-cd.parquet", ".00000002-cd-ef.parquet.pending")
    for name in (*changes, "notes.txt"):
        path = store.folder(HISTORY, key) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_file())
    note_read(store.files, key, datetime(2026, 11, 24, tzinfo=UTC))
    return store


def _set_aside(store: LocalStore, key: ConferenceKey) -> list[Path]:
    """What verification sets aside, some of it twice."""
    lost = [store.path("sessions", key), store.path("published/published_sessions", key), store.root / note_file(key)]
    lost.append(store.folder(HISTORY, key) / "00000000-nothing-ab.parquet")
    names = [path.relative_to(store.root).as_posix() for path in lost]
    damaged = [store.files.set_aside(name) for name in names]
    _store(store.root, key)
    return [store.root / name for name in (*damaged, *map(store.files.set_aside, names))]


def _files(root: Path) -> set[Path]:
    """Every file but the locks, of which one that is deleted would have two holders."""
    return {path for path in root.rglob("*") if path.is_file() and ".locks" not in path.parts}


def test_all_of_a_conference_goes_and_nothing_of_another_whatever_it_is_called(tmp_path: Path) -> None:
    keys = [ConferenceKey("AAA", name) for name in NAMES] + [ConferenceKey("A*", name) for name in ("AM2026", "AM*")]
    for key in keys:
        _set_aside(_store(tmp_path, key), key)
        _store(tmp_path, key)
    LocalStore(tmp_path).write("conference_status", None, ROWS)
    for index, key in enumerate(keys):
        store = LocalStore(tmp_path)
        others = {other: stored_parts(store, other) for other in keys[index + 1 :]}
        before, parts = _files(tmp_path), stored_parts(store, key)
        forget(store, key, everything=True)
        assert before - _files(tmp_path) == {tmp_path / file for part in parts for file in part.files}
        assert stored_parts(store, key) == []
        assert {other: stored_parts(store, other) for other in others} == others
    assert _files(tmp_path) == {tmp_path / "conference_status.parquet"}


def test_what_others_have_stored_and_what_was_set_aside_stays_unless_all_is_named(tmp_path: Path) -> None:
    key = ConferenceKey("AAA", "AM2026")
    store = _store(tmp_path, key)
    damaged = _set_aside(store, key)
    _store(tmp_path, key)
    remaining = [part for part in stored_parts(store, key) if part.owner is not Owner.PROJECT]
    assert {part.name for part in remaining if part.owner is Owner.OTHERS} == set(OTHERS)
    deleted = forget(store, key, everything=False)
    assert {part.name for part in deleted} == {*LOCATIONS, HISTORY, ".status"}
    assert stored_parts(store, key) == remaining
    assert set(damaged) <= _files(tmp_path) == {tmp_path / file for part in remaining for file in part.files}
    assert {part.name for part in forget(store, key, everything=True)} == {part.name for part in remaining}
    assert _files(tmp_path) == set()


def test_sizes_and_rows_are_those_of_the_files(tmp_path: Path) -> None:
    key = ConferenceKey("AAA", "AM2026")
    store = _store(tmp_path, key)
    found = {part.name: part for part in stored_parts(store, key)}
    assert {found[name].rows for name in (*LOCATIONS, *OTHERS)} == {2}
    assert found[HISTORY].rows == 4
    assert (found[".status"].rows, len(found["sessions"].files), len(found[HISTORY].files)) == (None, 2, 4)
    assert found["sessions"].size == store.path("sessions", key).stat().st_size + len(b"half")
    store.path("sessions", key).write_bytes(b"no Parquet")
    assert found["sessions"].rows is None


# Each file in `make soak`, every third one in `make test`.
@pytest.mark.parametrize("each", [3, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("everything", [False, True])
def test_public_files_go_first_and_a_deletion_that_was_killed_is_completed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, everything: bool, each: int
) -> None:
    key = ConferenceKey("AAA", "AM2026")
    delete: Callable[[Path], None] = Path.unlink
    parts = stored_parts(_store(tmp_path, key), key)
    own = {part.name for part in parts if part.owner is Owner.PROJECT or everything}
    public = {table.location for table in TABLES if table.public} | ({OTHERS[1]} if everything else set())
    for steps in range(0, sum(len(part.files) for part in parts), each):
        store, left = _store(tmp_path, key), [steps]

        def killed(path: Path, missing_ok: bool = False, left: list[int] = left) -> None:
            if ".locks" not in path.parts and path.exists():
                if not left[0]:
                    raise KeyboardInterrupt
                left[0] -= 1
            delete(path, missing_ok=missing_ok)  # type: ignore[call-arg]

        # A writer's leftovers go when the lock is taken, and are none of the steps.
        with store.exclusive(WRITER, key, LOCATIONS):
            pass
        monkeypatch.setattr(shutil, "rmtree", lambda folder: [p.unlink() for p in sorted(folder.iterdir())])
        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", killed)
            try:
                forget(store, key, everything=everything)
                break
            except KeyboardInterrupt:
                pass
        left_over = own & {part.name for part in stored_parts(store, key)}
        assert not public & left_over or own - public <= left_over
        assert store.keys("sessions") or left_over == {".status"}, "planion status lists it until the end"
        forget(store, key, everything=everything)
        assert not own & {part.name for part in stored_parts(store, key)}
    assert steps > len(TABLES)


def test_a_conference_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    key = ConferenceKey("AAA", "AM2026")
    store = _store(tmp_path, key)
    with store.exclusive(WRITER, key, LOCATIONS):
        before = _files(tmp_path)
        with pytest.raises(LockedError, match=r"AAA\|AM2026 is being written by process \d+"):
            forget(store, key, everything=False)
        assert _files(tmp_path) == before
    with store.exclusive("programme", key, ()), pytest.raises(LockedError):
        forget(store, key, everything=True)
    assert store.path("programme", key).exists()
    forget(store, key, everything=True)
    assert _files(tmp_path) == set()


def test_a_folder_in_the_place_of_a_table_is_named_and_what_is_left_goes_once_it_is_moved(tmp_path: Path) -> None:
    key = ConferenceKey("AAA", "AM2026")
    store = _store(tmp_path, key)
    path = store.path("sessions", key)
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match=re.escape(str(path))) as raised:
        forget(store, key, everything=True)
    assert "move away what is in the place of a folder or file" in refusal(raised.value)
    path.rmdir()
    forget(store, key, everything=True)
    assert _files(tmp_path) == set()


def test_a_table_is_looked_for_without_listing_all_of_its_account(tmp_path: Path) -> None:
    store, listed = object_store(MemoryObjects()), []
    key = ConferenceKey("AAA", "AM2026")
    store.write("sessions", key, ROWS)
    objects = store.files.client
    assert isinstance(objects, MemoryObjects)
    objects.before = lambda method, name: listed.append(name) if method == "LIST" else None
    assert [part.name for part in stored_parts(store, key)] == ["sessions"]
    assert not [name for name in listed if name.endswith("/AAA")]


def test_nothing_is_nothing(tmp_path: Path) -> None:
    key = ConferenceKey("AAA", "AM2026")
    assert stored_parts(LocalStore(tmp_path / "nowhere"), key) == []
