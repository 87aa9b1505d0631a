"""Deleting a conference with all that is stored of it: which files those are, in which order they go.

Belongs here: the files below the data folder. Does not belong here: the partition in Dagster
(`planion_assets.defs.register`), the question and what is printed (`planion_assets.cli.forget`).
"""

import contextlib
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from planion_assets.keys import ConferenceKey, name_from_path, path_name
from planion_assets.refresh.publish import LOCATIONS, WRITER
from planion_assets.storage import last_read
from planion_assets.storage.atomic_write import DAMAGED, sync_directory
from planion_assets.storage.local_files import LocalFiles
from planion_assets.storage.local_store import LocalStore, leftovers
from planion_assets.storage.parquet_file import opened
from planion_assets.storage.store import StoreError
from planion_assets.tables.catalog import HISTORIES, TABLES
from planion_assets.tables.model import PUBLISHED
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.tables.sessions import SESSIONS

_NUMBER = r"(\.\d+)?"  # of what was set aside under a name that was taken


class Owner(StrEnum):
    """Whose files they are: tables of the catalog, those of other assets, or what verification has set aside."""

    PROJECT = "project"
    OTHERS = "others"
    VERIFICATION = "verification"


@dataclass(frozen=True, slots=True)
class StoredPart:
    """What one folder holds of a conference, by the folder's name below the data folder. `place` is a file or folder.

    `files` are that file, or all in that folder, and what writers that were killed have left beside it.
    """

    name: str
    owner: Owner
    place: Path
    files: tuple[Path, ...]

    @property
    def size(self) -> int:
        """The bytes of all files; one that was taken away has none."""
        total = 0
        for path in self.files:
            with contextlib.suppress(FileNotFoundError):
                total += path.lstat().st_size
        return total

    @property
    def rows(self) -> int | None:
        """The rows of its Parquet files; None where none can be read."""
        counts = [_rows(path) for path in self.files if path.name.endswith(".parquet")]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None


def stored_parts(store: LocalStore, key: ConferenceKey) -> list[StoredPart]:
    """All that is stored of a conference, in the order in which it is to be deleted. Raises OSError.

    What anybody may see comes first. `sessions` is the last table, so that a conference that is deleted by half is
    listed by `planion status`, and the note of its reads comes after that.
    """
    root = store.root
    tables = {table: _table(root / table.location, table.location, Owner.PROJECT, key) for table in TABLES}
    note = last_read.path_of(root, key)
    parts = [
        *(tables[table] for table in TABLES if table.public),
        *(_table(folder, _name(folder, root), Owner.OTHERS, key) for folder in _folders_of_others(root)),
        *(_folder(store.folder(history.location, key), history.location) for history in HISTORIES),
        *(tables[table] for table in TABLES if not table.public and table != SESSIONS),
        *_damaged_parts(store, key),
        tables[SESSIONS],
        _file(note, _name(note.parent.parent, root), Owner.PROJECT),
    ]
    return [part for part in parts if part.files]


def forget(store: LocalStore, key: ConferenceKey, *, everything: bool) -> list[StoredPart]:
    """Delete what is stored of a conference, under the lock of a refresh of it; gives what was deleted.

    The files of other assets and what was set aside stay unless it is to be `everything`. Stopped at any moment, it is
    completed by the next call. Raises `LockedError` where a refresh holds the lock, OSError with the name of a file.
    """
    deleted: list[StoredPart] = []
    unwaiting = LocalStore(store.root, 0)
    with unwaiting.exclusive(WRITER, key, LOCATIONS):
        for part in stored_parts(store, key):
            if part.owner is Owner.PROJECT or everything:
                with _writer_of(part, unwaiting, key):
                    _delete(part)
                deleted.append(part)
    return deleted


def _writer_of(part: StoredPart, store: LocalStore, key: ConferenceKey) -> "contextlib.AbstractContextManager[None]":
    """The lock of an asset that is not of the catalog: it writes as a writer of its own."""
    if part.owner is Owner.OTHERS:
        return store.exclusive(name_from_path(part.name), key, ())
    return contextlib.nullcontext()


def _delete(part: StoredPart) -> None:
    if part.place.is_dir() and not part.place.is_symlink():
        shutil.rmtree(part.place)
    for path in part.files:
        path.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        sync_directory(part.place.parent)


def _table(folder: Path, name: str, owner: Owner, key: ConferenceKey) -> StoredPart:
    return _file(folder / path_name(key.account) / f"{path_name(key.conference)}.parquet", name, owner)


def _file(path: Path, name: str, owner: Owner) -> StoredPart:
    there = [path] if path.is_file() or path.is_symlink() else []
    return StoredPart(name, owner, path, (*there, *sorted(leftovers(path))))


def _folder(folder: Path, name: str, owner: Owner = Owner.PROJECT) -> StoredPart:
    return StoredPart(name, owner, folder, tuple(sorted(path for path in folder.rglob("*") if not path.is_dir())))


def _folders_of_others(root: Path) -> Iterator[Path]:
    """The folders of tables that are not of the catalog, those in the folder of public tables first."""
    own = {root / name for name in (*LOCATIONS, *(history.location for history in HISTORIES), PUBLISHED)}
    for parent in (root / PUBLISHED, root):
        yield from (folder for folder in sorted(parent.glob("[!.]*")) if folder not in own and folder.is_dir())


def _damaged_parts(store: LocalStore, key: ConferenceKey) -> list[StoredPart]:
    """What verification has set aside of a conference, by the folder that it was in."""
    root = store.root / DAMAGED
    names = re.compile(rf"{re.escape(path_name(key.conference))}\.(parquet|json){_NUMBER}")
    found: dict[Path, list[Path]] = {}
    for pattern in (f"*/{path_name(key.account)}/*", f"{PUBLISHED}/*/{path_name(key.account)}/*"):
        for path in sorted(root.glob(pattern)):
            if names.fullmatch(path.name) and not path.is_dir():
                found.setdefault(path.parent, []).append(path)
    parts = [_damaged_part(folder, files, store.root) for folder, files in found.items()]
    history = store.lost_folder(SESSION_CHANGES.location, key)
    return [*parts, _folder(history, _name(history.parent.parent, store.root), Owner.VERIFICATION)]


def _damaged_part(folder: Path, files: Sequence[Path], root: Path) -> StoredPart:
    return StoredPart(_name(folder.parent, root), Owner.VERIFICATION, files[0], tuple(files))


def _name(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix()


def _rows(path: Path) -> int | None:
    try:
        with opened(LocalFiles(path.parent), path.name, "") as file:
            return int(file.parquet.metadata.num_rows)
    except (StoreError, OSError):
        return None
