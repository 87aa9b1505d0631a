"""What a writer puts into an object store before it commits: raw tables and files of a change log, under hidden names.

Belongs here: their names, and when those of writers that died are removed. None ends in `.parquet`, and none lies in a
table's folder: DuckDB and Polars read hidden names too.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from planion_assets.keys import ConferenceKey, path_name
from planion_assets.storage.file_names import key_of
from planion_assets.storage.head_objects import get_head
from planion_assets.storage.object_files import ListedObject, ObjectFiles

STAGED = ".staged"
"""The folder of what is staged."""
OWN_AFTER = timedelta(hours=1)
"""The age at which a refresh of a conference removes what others have staged of it: no commit follows so late."""
SWEPT_AFTER = timedelta(days=1)
"""The age at which what was staged of any conference is removed."""


def staged_name(key: ConferenceKey, commit: str, what: str) -> str:
    """The object that a commit stages of a table or a change log."""
    return f"{_folder(key)}/{commit}/{path_name(what)}.staged"


def remove_staged(files: ObjectFiles, key: ConferenceKey, commits: Collection[str], now: datetime) -> None:
    """Remove what commits of these names have staged and put in place, the last one of the conference among them, and
    what the dead have left.

    Raises OSError.
    """
    found = list(files.listed(_folder(key)))
    files.delete_all([one.name for one in found if _commit(one) in commits or now - one.written_at > OWN_AFTER])


def sweep_staged(files: ObjectFiles, now: datetime) -> None:
    """Remove what the dead have left of any conference, unless a commit still waits for it. Raises OSError."""
    old = [one for one in files.listed(STAGED) if now - one.written_at > SWEPT_AFTER]
    keys = {key for one in old if (key := _key(one))}
    awaited = {name for key in keys for name in _awaited(files, key)}
    files.delete_all([one.name for one in old if one.name not in awaited])


def _awaited(files: ObjectFiles, key: ConferenceKey) -> Iterator[str]:
    pending = get_head(files, key).head.pending
    if pending:
        yield from (*pending.tables.values(), *pending.log_files.values())


def _folder(key: ConferenceKey) -> str:
    return f"{STAGED}/{path_name(key.account)}/{path_name(key.conference)}"


def _commit(staged: ListedObject) -> str:
    return staged.name.split("/")[-2]


def _key(staged: ListedObject) -> ConferenceKey | None:
    parts = staged.name.split("/")
    return key_of(parts[1], parts[2]) if len(parts) == 5 else None
