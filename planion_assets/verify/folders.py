"""Verifies the folders of the tables: files that are none of theirs, and the tables of all conferences."""

from collections.abc import Callable, Iterable

from planion_assets.keys import ConferenceKey
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.file_names import key_of, key_of_file, table_file
from planion_assets.storage.files import Files
from planion_assets.storage.last_read import VERIFIED, last_verified
from planion_assets.storage.log_parts import part_of
from planion_assets.storage.store import NotStoredError, Store
from planion_assets.tables.catalog import ASSETS, HISTORIES, OVERVIEWS, TABLES
from planion_assets.tables.data_package import DESCRIPTOR, README
from planion_assets.tables.model import PUBLISHED, Table, TableSpec
from planion_assets.verify.findings import NEXT_REFRESH, SET_ASIDE, FindingKind, Found
from planion_assets.verify.whole_file import as_declared, read_whole


def stored_keys(store: Store, tables: Iterable[Table] = TABLES) -> list[ConferenceKey]:
    """The conferences of which any of the tables or any history is stored, sorted. Raises OSError."""
    keys = {key for table in tables for key in store.keys(table.location)}
    for declared in HISTORIES:
        for name in store.files.list(declared.location):
            account, _, conference = name.rpartition("/")[0].removeprefix(f"{declared.location}/").partition("/")
            if key := key_of(account, conference):
                keys.add(key)
    return sorted(keys)


def verify_folders(store: Store, tables: Iterable[Table] = TABLES) -> Found:
    """Look through the folders of the tables, and read the tables of all conferences."""
    found = Found()
    for table in tables:
        _look(store.files, table.location, found, _foreign_to_table)
    for declared in HISTORIES:
        _look(store.files, declared.location, found, _foreign_to_history)
    own = {declared.location for declared in ASSETS if declared.public}
    own |= {table_file(table.location, None) for table in OVERVIEWS if table.public}
    own |= {f"{PUBLISHED}/{name}" for name in (DESCRIPTOR, README)}
    why = "it is none of the tables that anybody may see"
    _look(store.files, PUBLISHED, found, lambda parts: (1, why) if f"{PUBLISHED}/{parts[0]}" not in own else None)
    for overview in OVERVIEWS:
        _verify_overview(overview, store, found)
    verify_note(store.files, VERIFIED, lambda: last_verified(store.files), "verification", found)
    return found


def verify_note(files: Files, name: str, read: Callable[[], object], writer: str, found: Found) -> None:
    """Verify a small file that says when something was last done; `read` returns a falsy value where it does not say.

    `writer` is what writes the file: refresh or verification.
    """
    problem = None
    try:
        files.read(name)
        if not read():
            problem = "it does not say when that was"
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        problem = refusal(error)
    if problem:
        remedy = f"`planion verify --repair` sets it aside, and the next {writer} writes it"
        found.add(name, FindingKind.DAMAGED, problem, remedy, set_aside=True)


def _verify_overview(declared: TableSpec, store: Store, found: Found) -> None:
    name = table_file(declared.location, None)
    try:
        whole, problems = read_whole(store.files, name, declared, found)
    except NotStoredError:
        return
    if problems:
        remedy = f"`planion verify --repair` sets it aside, and {NEXT_REFRESH}"
        found.add(name, FindingKind.DAMAGED, "; ".join(problems), remedy, set_aside=True)
    elif whole and not as_declared(whole.rows.schema, declared):
        found.add(name, FindingKind.OUTDATED, "it was made by other code", NEXT_REFRESH)


_Judge = Callable[[list[str]], tuple[int, str] | None]
"""Takes the parts of a file's name; returns how many of them name a foreign file or folder, and why; else None."""


def _look(files: Files, folder: str, found: Found, judge: _Judge) -> None:
    """Note the foreign files of a folder, and those that are written by half."""
    foreign: dict[str, str] = {}
    try:
        for name in files.list(folder):
            parts = name.removeprefix(f"{folder}/").removesuffix("/").split("/")
            if any(part.startswith(".") for part in parts):
                if name.endswith((".tmp", ".pending")):
                    remedy = "the next refresh removes it, or gives it its name"
                    found.add(name, FindingKind.NOTED, "a writer that was killed has left it", remedy)
            elif judged := judge(parts):
                foreign["/".join([folder, *parts[: judged[0]]])] = judged[1]
    except OSError as error:
        # A file may be in the place of the folder.
        set_aside = isinstance(error, NotADirectoryError)
        found.add(folder, FindingKind.DAMAGED, refusal(error), SET_ASIDE, set_aside=set_aside)
    for name, why in sorted(foreign.items()):
        found.add(name, FindingKind.FOREIGN, why, SET_ASIDE, set_aside=True)


def _foreign_account(parts: list[str]) -> tuple[int, str] | None:
    account = parts[0]
    return (1, "it is no folder of an account") if len(parts) == 1 or key_of(account, account) is None else None


def _foreign_to_table(parts: list[str]) -> tuple[int, str] | None:
    if len(parts) == 2 and key_of_file("/".join(parts)) is not None:
        return None
    return _foreign_account(parts) or (2, "its name is none of a conference")


def _foreign_to_history(parts: list[str]) -> tuple[int, str] | None:
    if foreign := _foreign_account(parts):
        return foreign
    if len(parts) == 2 or key_of(parts[0], parts[1]) is None:
        return 2, "it is no folder of a conference"
    part = part_of(parts[2])
    if len(parts) > 3 or part is None or part.name != parts[2]:
        return 3, "its name is none of a change"
    return None
