"""What a writer puts into an object store before it commits: raw tables and files of a change log, under hidden names.

None ends in `.parquet`, and none lies in a table's folder: DuckDB and Polars read hidden names too.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from planion_assets.daemon_threads import DaemonThreadPool
from planion_assets.keys import ConferenceKey, path_name
from planion_assets.storage.errors import SupersededError
from planion_assets.storage.file_names import key_of, log_file
from planion_assets.storage.head import Pending
from planion_assets.storage.head_objects import get_head, nonce
from planion_assets.storage.object_files import ObjectFiles
from planion_assets.storage.writer import LogEnd, NewPart

if TYPE_CHECKING:
    from planion_assets.storage.object_store import ObjectStore

logger = logging.getLogger(__name__)

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
    """What a commit stages: its name, what is pending after it, and the content of each staged object by its name."""

    commit: str
    pending: Pending
    contents: Mapping[str, bytes] = field(repr=False)


def staged_snapshot(
    key: ConferenceKey, tables: Mapping[str, bytes], changes: Sequence[NewPart], covered: Sequence[str] = ()
) -> StagedSnapshot:
    """What a commit stages of raw tables and of files of change logs; `covered` are those that such a file replaces."""
    commit = nonce()
    contents: dict[str, bytes] = {}

    def staged(what: str, content: bytes) -> str:
        name = f"{_folder(key)}/{commit}/{path_name(what)}.staged"
        contents[name] = content
        return name

    staged_tables = {table: staged(table, content) for table, content in tables.items()}
    log_files = {
        log_file(change.log, key, change.part): staged(f"{change.log}/{change.part.name}", change.rows.content())
        for change in changes
    }
    return StagedSnapshot(commit, Pending(staged_tables, log_files, tuple(covered)), contents)


def compaction(store: "ObjectStore", key: ConferenceKey, one: NewPart) -> StagedSnapshot:
    """What a commit stages that puts one file in the place of all that it covers. Raises OSError."""
    covered = [part for part in store.listed_parts(one.log, key) if one.part.covers(part)]
    return staged_snapshot(key, {}, [one], [log_file(one.log, key, part) for part in covered])


def log_ends(
    key: ConferenceKey, new: StagedSnapshot, changes: Sequence[NewPart], end_of: Callable[[str], LogEnd]
) -> dict[str, LogEnd]:
    """By change log where it ends with the changes of a commit; `end_of` gives where it ended. Raises OSError."""
    ends: dict[str, LogEnd] = {}
    for change in changes:
        content = new.contents[new.pending.log_files[log_file(change.log, key, change.part)]]
        files = (ends.get(change.log) or end_of(change.log)).files
        ends[change.log] = LogEnd(change.part, len(content), files + 1, change.part.sequence + 1)
    return ends


def delete_covered(files: ObjectFiles, covered: Sequence[str]) -> None:
    """Delete the files that a compacted one covers. Where that is refused the next compaction tries it again: readers
    pass over them."""
    try:
        files.delete_all(covered)
    except OSError as error:
        logger.warning("files that are compacted are left: %s", error)


def stage_objects(files: ObjectFiles, key: ConferenceKey, new: StagedSnapshot) -> None:
    """Put what is to be staged under its hidden names.

    Raises `SupersededError` where that took so long that others may have removed it, and OSError.
    """
    began = time.monotonic()
    each(files.overwrite, new.contents)
    if time.monotonic() - began > STAGED_WITHIN.total_seconds():
        raise SupersededError(f"staging the tables of {key} took so long that others may have removed them")


def each(work: Callable[[str, _Given], object], given: Mapping[str, _Given]) -> None:
    """Call `work` with each name and what belongs to it, several at the same time. Raises after all were tried."""
    with DaemonThreadPool(_AT_ONCE, "objects") as pool:
        futures = [pool.submit(work, *one) for one in given.items()]
    for future in futures:
        future.result()


def remove_staged(files: ObjectFiles, key: ConferenceKey, commits: Collection[str], now: datetime) -> None:
    """Remove what these commits have staged of a conference, and what others have, unless one may still follow.

    These commits are completed, the last one of the conference among them. Raises OSError.
    """
    staged = [(name, name.split("/")[-2], now - written_at) for name, written_at in files.listed(_folder(key))]
    files.delete_all([name for name, commit, age in staged if commit in commits or age > OWN_AFTER])


def sweep_staged(files: ObjectFiles, now: datetime) -> None:
    """Remove what killed writers left of any conference, unless a commit still waits for it. Raises OSError."""
    old = [name for name, written_at in files.listed(STAGED) if now - written_at > SWEPT_AFTER]
    pending = [get_head(files, key).head.pending for key in set(map(_key, old)) if key]
    awaited = {name for one in pending if one for name in (*one.tables.values(), *one.log_files.values())}
    files.delete_all([name for name in old if name not in awaited])


def _folder(key: ConferenceKey) -> str:
    return f"{STAGED}/{path_name(key.account)}/{path_name(key.conference)}"


def _key(staged: str) -> ConferenceKey | None:
    parts = staged.split("/")
    return key_of(parts[1], parts[2]) if len(parts) == 5 else None
