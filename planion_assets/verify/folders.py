"""What lies in the folders of the tables and is none of their files, and the one file of all conferences."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from planion_assets.keys import ConferenceKey, name_from_path, path_name
from planion_assets.storage.atomic_write import check_file, refusal
from planion_assets.storage.file_names import key_of, key_of_file
from planion_assets.storage.last_read import VERIFIED, last_verified
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.log_parts import part_of
from planion_assets.storage.store import NotStoredError
from planion_assets.tables.catalog import HISTORIES, TABLES
from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets.tables.model import PUBLISHED
from planion_assets.verify.findings import SET_ASIDE, FindingKind, Found
from planion_assets.verify.whole_file import as_declared, read_whole

_LEFT = "a writer that was killed has left it"


def stored_keys(store: LocalStore) -> list[ConferenceKey]:
    """The conferences of which any table or history is stored, sorted. Raises OSError."""
    keys = {key for table in TABLES for key in store.keys(table.location)}
    for declared in HISTORIES:
        for account in _folders(store.root / declared.location):
            keys |= {key for path in _folders(account) if (key := key_of(account.name, path.name))}
    return sorted(keys)


def verify_folders(store: LocalStore) -> Found:
    """Look through the folders of all tables, and at `conference_status`."""
    found = Found()
    for table in TABLES:
        _look(store.root / table.location, found, is_history=False)
    for declared in HISTORIES:
        _look(store.root / declared.location, found, is_history=True)
    own = {table.location.split("/")[1] for table in TABLES if table.public}
    for path in _entries(store.root / PUBLISHED, found):
        if path.name not in own:
            found.add(path, FindingKind.FOREIGN, "it is none of the tables that anybody may see", SET_ASIDE, aside=True)
    _verify_status(store, found)
    verify_note(store.root / VERIFIED, lambda: last_verified(store.files), "verification", found)
    return found


def verify_note(path: Path, read: Callable[[], object], writer: str, found: Found) -> None:
    """Look at a small file that says when something was done last; `read` gives nothing where it says nothing.

    `writer` is what writes the file.
    """
    problem = None
    try:
        check_file(path)
        if not read():
            problem = "it does not say when that was"
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        problem = refusal(error)
    if problem:
        remedy = f"`planion verify --repair` sets it aside, and the next {writer} writes it"
        found.add(path, FindingKind.DAMAGED, problem, remedy, aside=True)


def _verify_status(store: LocalStore, found: Found) -> None:
    path = store.path(CONFERENCE_STATUS.location, None)
    try:
        whole, problems = read_whole(path, CONFERENCE_STATUS, found)
    except NotStoredError:
        return
    if problems:
        remedy = "`planion verify --repair` sets it aside, and the job check_freshness makes it anew"
        found.add(path, FindingKind.DAMAGED, "; ".join(problems), remedy, aside=True)
    elif whole and not as_declared(whole.rows.schema, CONFERENCE_STATUS):
        found.add(path, FindingKind.OUTDATED, "it was made by other code", "the job check_freshness makes it anew")


def _look(folder: Path, found: Found, *, is_history: bool) -> None:
    """Note what is no conference's file below a table's folder."""
    for account in _entries(folder, found):
        if not account.is_dir() or not _is_name(account.name):
            found.add(account, FindingKind.FOREIGN, "it is no folder of an account", SET_ASIDE, aside=True)
            continue
        for path in _entries(account, found):
            if not is_history:
                if key_of_file(path.as_posix()) is None:
                    found.add(path, FindingKind.FOREIGN, "its name is none of a conference", SET_ASIDE, aside=True)
            elif not path.is_dir() or not _is_name(path.name):
                found.add(path, FindingKind.FOREIGN, "it is no folder of a conference", SET_ASIDE, aside=True)
            else:
                for file in _entries(path, found):
                    part = part_of(file.name)
                    if part is None or part.name != file.name:
                        found.add(file, FindingKind.FOREIGN, "its name is none of a change", SET_ASIDE, aside=True)


def _entries(folder: Path, found: Found) -> Iterator[Path]:
    """What is in a folder, without what readers pass over; half-written files are noted."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        found.add(
            folder,
            FindingKind.DAMAGED,
            refusal(error),
            SET_ASIDE,
            aside=os.path.lexists(folder) and not folder.is_dir(),
        )
        return
    for name in names:
        if not name.startswith("."):
            yield folder / name
        elif name.endswith((".tmp", ".pending")):
            found.add(folder / name, FindingKind.NOTED, _LEFT, "the next refresh removes it, or gives it its name")


def _folders(folder: Path) -> Iterable[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_name(component: str) -> bool:
    name = name_from_path(component)
    try:
        return path_name(name) == component and ConferenceKey(name, name).account == name
    except ValueError:
        return False
