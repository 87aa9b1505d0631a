"""Old files of change logs become one, and no reader loses a change or meets one twice, whoever is killed when."""

import itertools
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from planion_assets.refresh import compaction
from planion_assets.refresh.change_log import read
from planion_assets.refresh.log_reading import joined_rows, steps_of
from planion_assets.refresh.options import RefreshOptions
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import Store
from planion_assets.tables import catalog
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.catalog import HISTORIES
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.verify.conference_files import inspect
from planion_assets_tests.disk_steps import refreshed_until
from planion_assets_tests.feed.server import KEY, ScriptedServer, item, page_of
from planion_assets_tests.refresh.conftest import Grown
from planion_assets_tests.refresh.test_former_tables import ZONES, refreshed
from planion_assets_tests.tables.arrow.applied import applied
from planion_assets_tests.tables.items import Item

LOG = SESSION_CHANGES.location
OPTIONS = RefreshOptions(ZONES[0], ("sessions", "speakers"))


def _ranges(store: Store, log: str = LOG) -> list[tuple[int, int]]:
    return [(part.first, part.sequence) for part in store.log_parts(log, KEY)]


def _visible_rows(store: Store, history: Any = SESSION_CHANGES) -> list[Any]:
    """What a reader by `sequence` sees, without the time of day."""
    return [(*row.values(),) for row in read(store, KEY, history).drop_columns(["detected_at"]).to_pylist()]


def _history(store: Store, count: int, keep: int, first: int) -> None:
    for state in range(first, count):
        refreshed(store, state, ZONES[0], keep=keep)


@pytest.fixture
def store(grown: Grown, tmp_path: Path) -> LocalStore:
    """A store of four refreshes."""
    return LocalStore(shutil.copytree(grown.folders[4], tmp_path / "four"))


@pytest.mark.parametrize(("keep", "joined"), [(7, []), (3, [(0, 3)]), (1, [(0, 6)])])
def test_older_files_than_those_kept_become_one_once_there_are_more_than_as_many(
    grown: Grown, tmp_path: Path, keep: int, joined: list[tuple[int, int]]
) -> None:
    whole, store = LocalStore(grown.folders[8]), LocalStore(shutil.copytree(grown.folders[6], tmp_path / "data"))
    _history(store, 8, keep, 6)
    for history in HISTORIES:
        assert _visible_rows(store, history) == _visible_rows(whole, history)
        assert _ranges(store, history.location)[-1] == _ranges(whole, history.location)[-1]
    parts = store.log_parts(LOG, KEY)
    assert [(part.first, part.sequence) for part in parts if part.changes > 1] == joined
    assert len(parts) <= 2 * keep + 1
    assert [found for found in inspect(KEY, store, OPTIONS).found.findings if "_changes/" in found.name] == []


def test_a_compacted_file_says_what_its_files_said_and_sorts_before_those_that_follow(store: LocalStore) -> None:
    before = [step for part in store.log_parts(LOG, KEY) for step in steps_of(store.read_log(LOG, KEY, part))]
    refreshed(store, 4, ZONES[0], keep=1)
    first, last = store.log_parts(LOG, KEY)
    folder = store.folder(LOG, KEY)
    assert sorted(path.name for path in folder.iterdir()) == [first.name, last.name]
    assert first.name == f"00000000-00000003-nothing-{last.before}.parquet"
    after = steps_of(store.read_log(LOG, KEY, first))
    # All but how much changed on each day, which the last one says for all.
    assert [note and replace(note, days=()) for note, _ in after] == [
        note and replace(note, days=()) for note, _ in before
    ]
    assert all(one.equals(other) for (_, one), (_, other) in zip(after, before, strict=True))
    notes = pq.read_schema(folder / first.name).metadata
    assert notes[b"planion.snapshot"].decode().startswith(first.after)


def test_numbers_that_are_missing_a_beginning_and_files_of_older_code_are_left_apart(
    grown: Grown, tmp_path: Path
) -> None:
    store = LocalStore(shutil.copytree(grown.folders[9], tmp_path / "nine"))
    folder, parts = store.folder(LOG, KEY), store.log_parts(LOG, KEY)
    (folder / parts[2].name).unlink()
    older = pq.read_table(folder / parts[4].name)
    pq.write_table(older.replace_schema_metadata({}), folder / parts[4].name)
    refreshed(store, 9, ZONES[0], keep=1)
    assert _ranges(store) == [(0, 0), (1, 1), (3, 3), (4, 4), (5, 8), (9, 9)]
    (folder / store.log_parts(LOG, KEY)[-1].name).unlink()
    for state in range(10, 13):
        refreshed(store, state, ZONES[0], keep=1)
    # What was deleted last begins anew.
    assert _ranges(store) == [(0, 0), (1, 1), (3, 3), (4, 4), (5, 8), (9, 10), (11, 11)]


def test_no_file_holds_more_steps_than_a_footer_should(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "_MOST", 4)
    _history(store, 9, keep=1, first=4)
    assert max(part.changes for part in store.log_parts(LOG, KEY)) <= 4
    assert [number for first, last in _ranges(store) for number in range(first, last + 1)] == list(range(9))


def test_a_disk_that_refuses_it_fails_no_refresh(
    store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused = OSError(28, "No space left on device", str(tmp_path))

    def refuse(*_: object) -> None:
        raise refused

    with monkeypatch.context() as context:
        context.setattr("planion_assets.storage.local_writer.LocalWriter.compact", refuse)
        refreshed(store, 4, ZONES[0], keep=1)
    assert f"session_changes of {KEY} is not compacted: {refusal(refused)}" in caplog.text
    assert len(_ranges(store)) == 5
    refreshed(store, 5, ZONES[0], keep=1)
    assert _ranges(store) == [(0, 4), (5, 5)]


def test_who_has_listed_files_that_are_compacted_then_reads_them_anew(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, listed, read_log = _visible_rows(store), [False], LocalStore.read_log

    def overtaken(self: LocalStore, *arguments: Any) -> pa.Table:
        if not listed[0]:
            listed[0] = True
            with store.writer(KEY, {}) as writer:
                compaction.compact_change_logs(writer, 1)
        return read_log(self, *arguments)

    monkeypatch.setattr(LocalStore, "read_log", overtaken)
    assert _visible_rows(store) == expected
    assert _ranges(store) == [(0, 2), (3, 3)]


# A kill before each step by which a refresh changes the folder: an open for writing, a rename, a removal.
# Each step in `make soak`, every seventh one in `make test`.
@pytest.mark.parametrize("each", [7, pytest.param(1, marks=pytest.mark.soak)])
def test_a_kill_at_any_step_leaves_each_change_in_one_file_for_every_reader(tmp_path: Path, each: int) -> None:
    store, states = LocalStore(tmp_path), [[item("1", roomname="never 0"), item("n0")]]
    with ScriptedServer(lambda request: page_of(states[-1], request.page)) as server:
        covered = 0
        for step in itertools.count(step=each):
            for how in ("never", "kill"):
                states.append([item("1", roomname=f"{how} {step}"), item(f"n{step}")])
                ended = refreshed_until(how, step, server.url, tmp_path, keep=1)
                covered += len(store.listed_parts(LOG, KEY)) > len(store.log_parts(LOG, KEY))
                _check_chain(store, states[0])
            if ended == 0:
                break
    assert step > 20
    assert covered >= 2 // each, "a kill came after the one file had its name and before the others were deleted"


def _check_chain(store: LocalStore, first: list[Any]) -> None:
    """Each step is there once, and they lead from the first state to the stored one."""
    parts = store.log_parts(LOG, KEY)
    files = [store.read_log(LOG, KEY, part) for part in parts]
    numbers = [note.sequence for rows in files for note, _ in steps_of(rows) if note]
    assert numbers == list(range(len(numbers)))
    raw = store.footer("raw_sessions", KEY).provenance
    assert raw is not None
    if not parts[-1].leads_to(raw.snapshot):
        assert any(part.leads_to(raw.snapshot) for part in store.pending(LOG, KEY))
        return
    sessions = catalog.table("sessions")
    items = stored_items(store.read("raw_sessions", KEY))
    before, after = (build_table(sessions, KEY, some).data for some in ([Item(one) for one in first], items))
    assert applied(sessions, before, joined_rows(SESSION_CHANGES, files)).equals(after)
