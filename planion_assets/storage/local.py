"""Where the files of tables lie below a local folder, and which conference a file is of by its path."""

from collections.abc import Iterator
from pathlib import Path

from planion_assets.keys import ConferenceKey, name_from_path, path_name
from planion_assets.storage.atomic_write import leftovers_of

_SUFFIX = ".parquet"
_LOCKS = ".locks"


def table_folder(root: Path, table: str) -> Path:
    """The folder of a table, whose name may be a path: `published/published_sessions`."""
    return root.joinpath(*(path_name(part) for part in table.split("/")))


def table_path(root: Path, table: str, key: ConferenceKey | None) -> Path:
    """The file of a table: a conference's, or `<root>/<table>.parquet` for a table of all conferences."""
    folder = table_folder(root, table)
    if key is None:
        return folder.with_name(folder.name + _SUFFIX)
    return folder / path_name(key.account) / (path_name(key.conference) + _SUFFIX)


def history_folder(root: Path, history: str, key: ConferenceKey) -> Path:
    """The folder of a conference's files of a history: `<root>/<history>/<account>/<conference>`."""
    return table_folder(root, history) / path_name(key.account) / path_name(key.conference)


def lock_path(root: Path, writer: str, key: ConferenceKey | None) -> Path:
    """The lock file of a writer: hidden, and in no table's folder, so that no reader's glob finds it."""
    folder = root / _LOCKS / path_name(writer)
    if key is None:
        return folder.with_name(f"{folder.name}.lock")
    return folder / path_name(key.account) / f"{path_name(key.conference)}.lock"


def stored_keys(root: Path, table: str) -> list[ConferenceKey]:
    """The conferences of which this table is stored, sorted; a file of another name is none of theirs."""
    found = table_folder(root, table).glob(f"*/*{_SUFFIX}")
    keys = {key_of_path(path) for path in found if not path.name.startswith(".")}
    return sorted(key for key in keys if key)


def leftover_keys(root: Path, table: str) -> set[ConferenceKey]:
    """The conferences of which files of this table were staged and not put in their places. Raises OSError."""
    found = table_folder(root, table).glob(f"*/{leftovers_of('*' + _SUFFIX)}")
    keys = {_key(path.parent.name, path.name.removeprefix(".").rsplit(_SUFFIX, 1)[0]) for path in found}
    return {key for key in keys if key}


def leftovers(path: Path) -> Iterator[Path]:
    """What was staged for a path and not put there. Raises OSError."""
    return path.parent.glob(leftovers_of(path.name))


def key_of_path(path: Path) -> ConferenceKey | None:
    """The conference whose file has that path below a table's folder; None for a name that is none of ours."""
    return _key(path.parent.name, path.name.removesuffix(_SUFFIX)) if path.name.endswith(_SUFFIX) else None


def _key(account: str, conference: str) -> ConferenceKey | None:
    try:
        key = ConferenceKey(name_from_path(account), name_from_path(conference))
    except ValueError:
        return None
    return key if (path_name(key.account), path_name(key.conference)) == (account, conference) else None
