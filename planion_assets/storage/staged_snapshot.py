"""What a commit stages, and requests that need not wait for each other."""

import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from planion_assets.daemon_threads import DaemonThreadPool
from planion_assets.keys import ConferenceKey
from planion_assets.storage import file_names
from planion_assets.storage.errors import SupersededError
from planion_assets.storage.head import Pending
from planion_assets.storage.head_objects import nonce
from planion_assets.storage.object_files import ObjectFiles
from planion_assets.storage.staged_objects import OWN_AFTER, staged_name
from planion_assets.storage.writer import NewPart

_Given = TypeVar("_Given")
_AT_ONCE = 8
"""Objects of one group that are written at the same time."""


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
        name, content = file_names.log_file(change.log, key, change.part), io.BytesIO()
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
    if time.monotonic() - began > OWN_AFTER.total_seconds() / 2:
        raise SupersededError(f"staging the tables of {key} took so long that others may have removed them")


def each(work: Callable[[str, _Given], object], given: Mapping[str, _Given]) -> None:
    """Call `work` with each name and what belongs to it, several at the same time. Raises after all were tried."""
    if len(given) < 2:
        for one in given.items():
            work(*one)
        return
    with DaemonThreadPool(min(len(given), _AT_ONCE), "objects") as pool:
        futures = [pool.submit(work, *one) for one in given.items()]
    for future in futures:
        future.result()
