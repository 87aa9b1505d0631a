"""Deleting a conference with all that is stored of it: which files those are, in which order they go."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from planion_assets.keys import ConferenceKey, name_from_path, path_name
from planion_assets.refresh.publish import locations_of
from planion_assets.refresh.stored_endpoints import stored_endpoints
from planion_assets.storage.file_names import DAMAGED, log_folder, lost_folder, table_file
from planion_assets.storage.files import Files
from planion_assets.storage.parquet_file import opened
from planion_assets.storage.store import Store, StoreError
from planion_assets.tables.catalog import HISTORIES, tables_of
from planion_assets.tables.model import PUBLISHED, Table
from planion_assets.tables.sessions import SESSIONS

_ROUNDS = 3
"""An object store has no lock: what a refresh has written during one round is deleted in the next."""
_NUMBER = r"(\.\d+)?"  # of a file that was set aside under a name in use


class Owner(StrEnum):
    """Whose files they are: tables of the catalog, those of other assets, or what verification has set aside."""

    PROJECT = "project"
    OTHERS = "others"
    VERIFICATION = "verification"


@dataclass(frozen=True, slots=True)
class StoredPart:
    """What one folder holds of a conference, by the folder's name below the root.

    `files` are the names of all its files, and of what killed writers have staged for them. `folder` is the folder that
    is deleted with them, blank where other conferences have files in it.
    """

    name: str
    owner: Owner
    files: tuple[str, ...]
    stored_in: Files = field(repr=False)
    folder: str = ""

    @property
    def size(self) -> int:
        """The bytes of all files; one that is not there any more has none."""
        total = 0
        for name in self.files:
            with contextlib.suppress(FileNotFoundError):
                total += self.stored_in.size(name)
        return total

    @property
    def rows(self) -> int | None:
        """The rows of its Parquet files; None where none can be read."""
        counts = [_rows(self.stored_in, name) for name in self.files if name.endswith(".parquet")]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None


def stored_parts(store: Store, key: ConferenceKey) -> list[StoredPart]:
    """All that is stored of a conference, in the order in which it is to be deleted. Raises OSError.

    What anybody may see comes first. `sessions` is the last table, so that a conference that is deleted by half is
    listed by `planion status`, and the note of its reads comes after that.
    """
    declared = tables_of(stored_endpoints(store))
    tables = {table: _file(store, table_file(table.location, key), table.location) for table in declared}
    histories = {history: _folder(store, log_folder(history.location, key), history.location) for history in HISTORIES}
    note = store.note_file(key)
    parts = [
        *(tables[table] for table in declared if table.public),
        *(histories[history] for history in HISTORIES if history.public),
        *(
            _file(store, table_file(name, key), name, Owner.OTHERS)
            for name in _folders_of_others(store.files, declared)
        ),
        *(histories[history] for history in HISTORIES if not history.public),
        *(tables[table] for table in declared if not table.public and table != SESSIONS),
        *_damaged_parts(store, key),
        tables[SESSIONS],
        _file(store, note, note.partition("/")[0]),
    ]
    return [part for part in parts if part.files]


def forget(store: Store, key: ConferenceKey, *, everything: bool) -> list[StoredPart]:
    """Delete what is stored of a conference, while no refresh of it is under way; gives what was deleted.

    The files of other assets and what was set aside stay unless it is to be `everything`. Stopped at any moment, it is
    completed by the next call. Raises `LockedError` where a refresh is under way, OSError with the name of a file.
    """
    deleted: list[StoredPart] = []
    unwaiting = store.unwaiting()
    for _ in range(_ROUNDS):
        parts = [part for part in stored_parts(store, key) if part.owner is Owner.PROJECT or everything]
        if not parts:
            break
        with unwaiting.removal(key, locations_of(tables_of(stored_endpoints(store)))):
            for part in parts:
                _delete(part, unwaiting, key)
                deleted.append(part)
    return deleted


def _delete(part: StoredPart, store: Store, key: ConferenceKey) -> None:
    """Delete the files; those of another asset under its own lock: it writes as a writer of its own."""
    is_others = part.owner is Owner.OTHERS
    with store.exclusive(name_from_path(part.name), key, ()) if is_others else contextlib.nullcontext():
        if part.folder:
            part.stored_in.delete_folder(part.folder)
        for name in part.files:
            part.stored_in.delete(name)


def _file(store: Store, name: str, part: str, owner: Owner = Owner.PROJECT) -> StoredPart:
    there = [name] if store.files.exists(name) else []
    return StoredPart(part, owner, (*there, *store.leftovers(name)), store.files)


def _folder(store: Store, folder: str, part: str, owner: Owner = Owner.PROJECT) -> StoredPart:
    return StoredPart(part, owner, tuple(sorted(store.files.list(folder))), store.files, folder)


def _folders_of_others(files: Files, declared: Iterable[Table]) -> Iterator[str]:
    """The folders of tables that are none of the `declared`, those in the folder of public tables first."""
    own = {*locations_of(declared), *(history.location for history in HISTORIES), PUBLISHED}
    for parent in (PUBLISHED, ""):
        found = (name for name in sorted(files.folders(parent)) if name not in own)
        yield from (name for name in found if not name.rpartition("/")[2].startswith("."))


def _damaged_parts(store: Store, key: ConferenceKey) -> list[StoredPart]:
    """What verification has set aside of a conference, by the folder that it was in."""
    file = rf"{re.escape(path_name(key.conference))}\.(parquet|json){_NUMBER}"
    names = re.compile(rf"({DAMAGED}/({PUBLISHED}/)?[^/]+)/{re.escape(path_name(key.account))}/{file}")
    found: dict[str, list[str]] = {}
    for name in sorted(store.files.list(DAMAGED)):
        if match := names.fullmatch(name):
            found.setdefault(match[1], []).append(name)
    parts = [StoredPart(folder, Owner.VERIFICATION, tuple(files), store.files) for folder, files in found.items()]
    lost = [
        _folder(store, lost_folder(history.location, key), f"{DAMAGED}/{history.location}", Owner.VERIFICATION)
        for history in HISTORIES
    ]
    return [*parts, *lost]


def _rows(files: Files, name: str) -> int | None:
    try:
        with opened(files, name, "") as file:
            return int(file.parquet.metadata.num_rows)
    except (StoreError, OSError):
        return None
