"""The mirror of docs/how-to/mirror-changes.md: equal to the tables through kills of either side, zones and code."""

import contextlib
import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from planion_assets.storage import local_writer
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.local_writer import LocalWriter
from planion_assets.storage.store import StagedFile
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.feed.server import KEY
from planion_assets_tests.refresh.conftest import Grown
from planion_assets_tests.refresh.test_former_tables import ZONES, refreshed

SCRIPT = Path(__file__).parents[2] / "examples/mirror/mirror.py"
NAME = f"{KEY.account}/{KEY.conference}"


class _Killed(BaseException):
    """A process has ended."""


@pytest.fixture(scope="module")
def script() -> Any:
    """The module of the script."""
    spec = importlib.util.spec_from_file_location("mirror", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def version() -> Iterator[Any]:
    """Changes the version of the code of `sessions` for one test."""
    before = SESSIONS.code_version
    yield lambda text: object.__setattr__(SESSIONS, "code_version", text)
    object.__setattr__(SESSIONS, "code_version", before)


def _mirror(script: Any, db: Any, data: Path, monkeypatch: Any, stop_after: int) -> bool:
    """Mirror once, and be killed before a statement; whether it came to its end."""
    left = [stop_after]
    apply = script.apply

    def applied(*arguments: Any) -> None:
        left[0] -= 1
        if not left[0]:
            raise _Killed
        apply(*arguments)

    monkeypatch.setattr(script, "apply", applied)
    db.begin()
    try:
        script.mirror(db, str(data), NAME)
    except _Killed:
        db.rollback()
        return False
    finally:
        monkeypatch.setattr(script, "apply", apply)
    db.commit()
    return True


def _kill(monkeypatch: Any, at: int) -> None:
    """Kill the next refresh before it puts that file in its place, or before it deletes files that it has compacted."""
    left, commit, delete = [at], LocalWriter.commit, local_writer.delete

    def committed(writer: LocalWriter, staged: StagedFile) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise _Killed
        commit(writer, staged)

    def deleted(folder: Path, names: list[str]) -> None:
        if names:
            raise _Killed
        delete(folder, names)

    monkeypatch.setattr(LocalWriter, "commit", committed)
    monkeypatch.setattr(local_writer, "delete", deleted)


def _mirrors_sessions(script: Any, db: Any, store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run the script to its end; whether its sessions are those that are stored."""
    assert _mirror(script, db, store.root, monkeypatch, 0)
    db.execute("CREATE OR REPLACE TABLE expected AS FROM read_parquet(?)", [str(store.path("sessions", KEY))])
    return bool(_rows(db, "sessions") == _rows(db, "expected"))


def _rows(db: Any, name: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(map(str, row)) for row in db.execute(f"FROM {name}").fetchall())


def test_the_script_is_short() -> None:
    assert sum(1 for line in SCRIPT.read_text().splitlines() if line.strip()) <= 60


# A hundred refreshes in `make soak`.
@pytest.mark.parametrize("refreshes", [9, pytest.param(100, marks=pytest.mark.soak)])
def test_a_mirror_survives_compaction_kills_of_either_side_two_zones_and_two_changes_of_code(
    tmp_path: Path, script: Any, version: Any, monkeypatch: pytest.MonkeyPatch, refreshes: int
) -> None:
    store, db = LocalStore(tmp_path / "data"), duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    log, killed, covered = "session_changes", 0, 0
    for number in range(refreshes):
        version(("1", "2", "3")[number * 5 // (2 * refreshes)])
        zones = ZONES[number * 10 // (3 * refreshes) % 2]
        if number % 7 in (3, 5):
            with monkeypatch.context() as context:
                _kill(context, number // 7 % 5 if number % 7 == 3 else 100)
                with contextlib.suppress(_Killed):
                    refreshed(store, number, zones, keep=1)
                killed += 1
                covered += store.listed_parts(log, KEY) != store.log_parts(log, KEY)
        else:
            refreshed(store, number if number % 4 else max(number - 1, 0), zones, keep=1)
        if number % 3 and number:
            _mirror(script, db, store.root, monkeypatch, number % 4)
        if number % 10 == 9 or number + 1 == refreshes:
            refreshed(store, number, zones, keep=1)
            assert _mirror(script, db, store.root, monkeypatch, 0)
            for name in script.TABLES:
                db.execute("CREATE OR REPLACE TABLE expected AS FROM read_parquet(?)", [str(store.path(name, KEY))])
                assert _rows(db, name) == _rows(db, "expected"), (number, name)
    assert store.log_parts(log, KEY)[0].changes > 2, "files were compacted"
    assert killed > covered > 0


def test_a_mirror_begins_anew_where_numbers_do_and_where_files_are_lost(
    tmp_path: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, db = LocalStore(tmp_path / "data"), duckdb.connect()
    for number in range(3):
        refreshed(store, number, ZONES[0])
        if number == 0:
            assert _mirror(script, db, store.root, monkeypatch, 0)
    folder = store.folder("session_changes", KEY)
    (folder / store.log_parts("session_changes", KEY)[1].name).unlink()
    assert _mirrors_sessions(script, db, store, monkeypatch)
    for path in folder.iterdir():
        path.unlink()
    # The log has files again of the number that was mirrored last, and of the next one.
    for number in range(3, 7):
        refreshed(store, number, ZONES[0])
    assert _mirrors_sessions(script, db, store, monkeypatch)


def test_a_file_of_older_code_ends_the_script_with_what_to_do(
    grown: Grown, tmp_path: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, db = LocalStore(shutil.copytree(grown.folders[3], tmp_path / "data")), duckdb.connect()
    path = store.folder("session_changes", KEY) / store.log_parts("session_changes", KEY)[0].name
    rows = pq.read_table(path)
    notes = {name: text for name, text in (rows.schema.metadata or {}).items() if name != b"planion.steps"}
    pq.write_table(rows.replace_schema_metadata(notes), path)
    said = (
        f"{path} is of older code and does not tell its steps: move it out of the folder, refresh, and run this again"
    )
    with pytest.raises(SystemExit, match=re.escape(said)):
        _mirror(script, db, store.root, monkeypatch, 0)
    db.rollback()
    path.rename(tmp_path / path.name)
    refreshed(store, 3, ZONES[0])
    assert _mirrors_sessions(script, db, store, monkeypatch)


def test_a_mirror_reads_each_step_once_where_a_refresh_was_killed_before_it_deleted_what_is_compacted(
    grown: Grown, tmp_path: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, db = LocalStore(shutil.copytree(grown.folders[3], tmp_path / "data")), duckdb.connect()
    assert _mirror(script, db, store.root, monkeypatch, 0)
    folder, saved = store.folder("session_changes", KEY), tmp_path / "saved"
    shutil.copytree(folder, saved)
    for number in (3, 4):
        refreshed(store, number, ZONES[0], keep=1)
        shutil.copytree(saved, folder, dirs_exist_ok=True)
        assert _mirrors_sessions(script, db, store, monkeypatch)
