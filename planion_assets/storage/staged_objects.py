"""What a writer puts into an object store before it commits: raw tables and files of a change log, under hidden names.

None ends in `.parquet`, and none lies in a table's folder: DuckDB and Polars read hidden names too.
"""

import io
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from planion_assets.daemon_threads import DaemonThreadPool
from planion_assets.keys import ConferenceKey, path_name
from planion_assets.storage.errors import SupersededError
from planion_assets.storage.file_names import key_of, log_file
from planion_assets.storage.head import Pending
from planion_assets.storage.head_objects import get_head, nonce
from planion_assets.storage.object_files import ListedObject, ObjectFiles
from planion_assets.storage.writer import NewPart

_Given = TypeVar("_Given")
_AT_ONCE = 8
"""Objects of one group that are written at the same time."""
STAGED = ".staged"
"""The folder of what is staged."""
OWN_AFTER = timedelta(hours=1)
"""The age at which a refresh of a conference removes what others have staged of it: no commit follows so late."""
STAGED_WITHIN = OWN_AFTER / 2
"""How long a writer may take to stage what it then commits."""
SWEPT_AFTER = timedelta(days=1)
"""The age at which what was staged of any conference is removed."""


@dataclass(frozen=True, slots=True)
class StagedSnapshot:
    """What a commit stages: its name, the contents of raw tables by table and of log files by their name."""

    commit: str
    tables: Mapping[str, bytes] = field(repr=False)
    log_files: Mapping[str, bytes] = field(repr=False)
    pending: Pending

    @property
    def staged(self) -> dict[str, bytes]:
        """The content of each object to be staged."""
        tables = {self.pending.tables[table]: content for table, content in self.tables.items()}
        return tables | {self.pending.log_files[name]: content for name, content in self.log_files.items()}


def staged_snapshot(
    key: ConferenceKey, tables: Mapping[str, bytes], changes: Sequence[NewPart], covered: Sequence[str] = ()
) -> StagedSnapshot:
    """What a commit of its own stages of raw tables and of what changes, and the files that these cover."""
    commit, log_files, staged_log_files = nonce(), {}, {}
    for change in changes:
        name, content = log_file(change.log, key, change.part), io.BytesIO()
        change.rows.write(content)
        staged = staged_name(key, commit, f"{change.log}/{change.part.name}")
        log_files[name], staged_log_files[name] = content.getvalue(), staged
    staged_tables = {table: staged_name(key, commit, table) for table in tables}
    return StagedSnapshot(commit, tables, log_files, Pending(staged_tables, staged_log_files, tuple(covered)))


def stage_objects(files: ObjectFiles, key: ConferenceKey, new: StagedSnapshot) -> None:
    """Put what is to be staged under its hidden names.

    Raises `SupersededError` where that took so long that others may have removed it, and OSError.
    """
    began = time.monotonic()
    each(files.overwrite, new.staged)
    if time.monotonic() - began > STAGED_WITHIN.total_seconds():
        raise SupersededError(f"staging the tables of {key} took so long that others may have removed them")


def each(work: Callable[[str, _Given], object], given: Mapping[str, _Given]) -> None:
    """Call `work` with each name and what belongs to it, several at the same time. Raises after all were tried."""
    with DaemonThreadPool(_AT_ONCE, "objects") as pool:
        futures = [pool.submit(work, *one) for one in given.items()]
    for future in futures:
        future.result()


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
