"""A change log whose last step does not lead to the tables, and compacted files, as verification sees them."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from planion_assets.config import load
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.run import refresh
from planion_assets.refresh.step_notes import BEGUN, notes_of, state_of
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.log_parts import NOTHING
from planion_assets.storage.store import Store
from planion_assets.tables.catalog import ASSETS, HISTORIES
from planion_assets.tables.model import History, Zones
from planion_assets.tables.published_changes import PUBLISHED_CHANGES
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.verify.change_log_files import ChangeLogFiles
from planion_assets.verify.findings import Finding, Found
from planion_assets.verify.verification import verify
from planion_assets_tests.feed.server import KEY, LocalFeed, client_of, item, page_of
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store

Problem = tuple[str, str, str]
"""The name of a file or folder, the kind of finding, and what is wrong."""
LOG = SESSION_CHANGES.location
FOLDER = f"{LOG}/{KEY.account}/{KEY.conference}"
CHICAGO, BERLIN = Zones(venue="America/Chicago"), Zones(venue="Europe/Berlin")


def _refresh(store: Store, state: int, zones: Zones = CHICAGO, keep: int = 100) -> None:
    times = {"startDate": "2026-03-01", "startTime": "07:30 pm", "session_updated_at": "2026-01-01 00:00:00"}
    rows = [item("1", roomname=f"R{state}", published=True, **times)]
    options = RefreshOptions(zones=zones, keep_change_files=keep)
    with LocalFeed(lambda request: page_of(rows, request.page)) as feed:
        list(refresh([KEY], ASSETS, store, lambda key: client_of(feed), lambda key: options))


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "data", lock_wait=1)


def _verified(store: Store, *, repair: bool = False) -> tuple[list[Problem], list[Problem]]:
    """What one verification has mended, and what it finds at its end. The settings name the conference, in Berlin."""
    conference = {"conference": KEY.conference, "timezone": "Europe/Berlin"}
    settings = load(given={"accounts": [{"account": KEY.account, "token_env": "T", "conferences": [conference]}]})
    (found,) = verify(settings, store, [KEY], repair=repair)
    assert found.failure is None
    assert not found.reread
    return _problems(found.mended), _problems(found.findings)


def _problems(findings: Iterable[Finding]) -> list[Problem]:
    return [(one.name, str(one.kind), one.problem) for one in findings]


def _of_the_log(store: Store) -> list[Problem]:
    """The findings about the files of the log, without those about other files."""
    found = Found()
    ChangeLogFiles(SESSION_CHANGES, KEY, store, found).verify()
    return _problems(found.findings)


def _lose_the_restatement(store: Store) -> None:
    """The tables are in another zone, and the file that says so is gone: the snapshots before and after are one."""
    _refresh(store, 0)
    _refresh(store, 1)
    _refresh(store, 1, BERLIN)
    for history in HISTORIES:
        if parts := store.log_parts(history.location, KEY):
            store.files.delete(f"{history.location}/{KEY.account}/{KEY.conference}/{parts[-1].name}")


@pytest.mark.parametrize("history", [SESSION_CHANGES, PUBLISHED_CHANGES], ids=lambda one: one.name)
def test_a_change_log_that_is_gone_is_found_and_begins_anew(store: LocalStore, history: History) -> None:
    _refresh(store, 0, BERLIN)
    _refresh(store, 1, BERLIN)
    gone = f"{history.location}/{KEY.account}/{KEY.conference}"
    shutil.rmtree(store.root / gone)
    mended, left = _verified(store, repair=True)
    assert [(name, kind) for name, kind, _ in mended] == [(gone, "missing")]
    assert left == []
    assert [part.before for part in store.log_parts(history.location, KEY)] == [NOTHING]


@pytest.mark.parametrize("home", ["folder", "bucket"])
def test_a_last_step_that_does_not_lead_to_the_tables_is_found_and_the_log_begins_anew(
    tmp_path: Path, home: str
) -> None:
    store: Store = LocalStore(tmp_path) if home == "folder" else object_store(MemoryObjects())
    _lose_the_restatement(store)
    mended, left = _verified(store, repair=True)
    assert (FOLDER, "missing", "its last change does not lead to sessions and session_speakers as stored") in mended
    assert {name for name, *_ in mended} == {FOLDER, FOLDER.replace(LOG, "published/published_changes")}
    lost = [] if home == "folder" else ["change 2 is lost"] * 2
    assert [problem for *_, problem in left] == lost
    last = store.log_parts(LOG, KEY)[-1]
    (note,) = notes_of(store.log_metadata(LOG, KEY, last))
    assert (last.before, note.cause) == (NOTHING, BEGUN)
    for name, state in note.states.items():
        assert state == state_of(store.footer(name, KEY).provenance)
    _refresh(store, 2, BERLIN)
    _, left = _verified(store)
    assert [problem for *_, problem in left] == lost[:1]
    assert store.log_parts(LOG, KEY)[-1].before == last.after


def test_tables_that_a_refresh_was_stopped_before_are_told_of_and_the_log_goes_on(store: LocalStore) -> None:
    """They are behind the log, and are mended: the steps that lead to them stay the last ones."""
    for state, zones in ((0, CHICAGO), (1, CHICAGO)):
        _refresh(store, state, zones)
    former = {name: store.path(name, KEY).read_bytes() for name in ("sessions", "session_speakers")}
    _refresh(store, 1, BERLIN)
    parts = store.log_parts(LOG, KEY)
    for name, content in former.items():
        store.path(name, KEY).write_bytes(content)
    mended, left = _verified(store, repair=True)
    assert (mended, left) == ([], []), "what is outdated is no damage"
    assert store.log_parts(LOG, KEY) == parts


def test_a_compacted_file_is_read_as_any_other_and_lost_with_all_its_numbers(store: LocalStore, tmp_path: Path) -> None:
    for state in range(4):
        _refresh(store, state, BERLIN, keep=1)
    where = store.folder(LOG, KEY)
    first, last = store.log_parts(LOG, KEY)
    assert (first.first, first.sequence) == (0, 2)
    assert _verified(store) == ([], [])

    copy = tmp_path / first.name
    shutil.copy(where / first.name, copy)
    shutil.copy(where / first.name, where / first.name.replace("00000002", "00000001"))
    found = _of_the_log(store)
    assert [(name.rpartition("/")[2][:17], kind) for name, kind, _ in found] == [("00000000-00000001", "noted")]
    (where / first.name.replace("00000002", "00000001")).unlink()

    rows = pq.read_table(where / first.name)
    pq.write_table(rows.slice(1), where / first.name)
    ((name, kind, problem),) = _of_the_log(store)
    assert (name, kind) == (f"{FOLDER}/{first.name}", "damaged")
    assert "its rows or columns were changed" in problem

    (where / first.name).unlink()
    shutil.copy(copy, where / first.name.replace("00000002", "00000001"))
    ((name, kind, problem), *_) = [one for one in _of_the_log(store) if one[1] == "damaged"]
    assert "it tells of other changes than its name" in problem
    (where / first.name.replace("00000002", "00000001")).unlink()

    (where / first.name).write_bytes(b"nothing")
    _, left = _verified(store, repair=True)
    assert left == [(FOLDER, "noted", "changes 0 to 2 are lost")]
    assert store.log_parts(LOG, KEY) == [last]
    assert store.lost(LOG, KEY) == [(0, 2)]
