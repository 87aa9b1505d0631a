"""One writer of one conference in an object store, without a lock (docs/decisions/object-store-protocol.md)."""

import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.keys import ConferenceKey
from planion_assets.storage import file_names, last_read
from planion_assets.storage.errors import NotStoredError, SupersededError, overtaken
from planion_assets.storage.head import Head, KnownTable
from planion_assets.storage.head_objects import FoundHead, commit_head, get_head, note_in_head
from planion_assets.storage.known_table import StagedTable, stage_table
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.log_parts import LogPart, compacted
from planion_assets.storage.object_conference import KnownConference
from planion_assets.storage.object_files import Tag
from planion_assets.storage.parquet_file import Footer, Pieces, Provenance, provenance_in
from planion_assets.storage.staged_objects import (
    StagedSnapshot,
    compaction,
    delete_covered,
    each,
    log_ends,
    remove_staged,
    stage_objects,
    staged_snapshot,
)
from planion_assets.storage.table_objects import create_once, put_newer, rewrite
from planion_assets.storage.writer import LogEnd, NewPart, StagedFile, Writer

if TYPE_CHECKING:
    from planion_assets.storage.object_store import ObjectStore

logger = logging.getLogger(__name__)


class ObjectWriter(KnownConference, Writer):
    """A conference while one of its writers writes it. `found` is its head, `head` the same after recovery."""

    store: "ObjectStore"

    def __init__(self, store: "ObjectStore", key: ConferenceKey, found: FoundHead, head: Head) -> None:
        super().__init__(store, key)
        self._found = found
        self._head = head
        # The first commit's is greater than any of a head that was lost: a time in milliseconds, and commits are rarer.
        self._first_version = time.time_ns() // 1_000_000
        self._listed_logs: dict[str, LogEnd] = {}
        self._staged: dict[str, StagedTable] = {}
        self._replaced: dict[str, Tag] = {}
        self._commits: set[str] = set()
        self._overtaken = False

    @property
    def head(self) -> Head:
        """What is known, with what this writer has put in place."""
        return self._head

    def footer(self, table: str) -> Footer:
        """What a table's file says of itself, of a table that is known: any other is to be written again."""
        known = self._head.tables.get(table)
        if known is None:
            raise NotStoredError(f"it is not known whether {self.store.address(table, self.key)} is right")
        return known.footer

    def read(self, table: str, schema: pa.Schema | None = None, provenance: Provenance | None = None) -> pa.Table:
        """The stored rows of the file that is known. Where another lies there it raises `SupersededError` if a refresh
        has put it there, else `NotStoredError`."""
        rows = super().read(table, schema, provenance)
        known = self._head.tables.get(table)
        if known and provenance_in(rows.schema.metadata or {}) != known.footer.provenance:
            if not self._is_last():
                raise overtaken(self.key)
            raise NotStoredError(f"another file lies at {known.footer.address} than the one that was written there")
        return rows

    def stage_pieces(self, table: str, pieces: Pieces) -> StagedFile:
        """Write a file on this machine, under the version that the next commit has."""
        address = self.store.address(table, self.key)
        self._staged[table] = staged = stage_table(pieces.of_version(self._next_version()), address)
        return StagedFile(table, Path(), staged.known.footer)

    def discard(self, staged: StagedFile) -> None:
        """Forget a file, if it is not in its place."""
        self._staged.pop(staged.table, None)

    def read_staged(self, staged: StagedFile) -> pa.Table:
        return pq.read_table(pa.BufferReader(self._staged[staged.table].content()))

    def commit_snapshot(self, raw: Sequence[StagedFile], changes: Sequence[NewPart] = ()) -> None:
        """Commit: from here on the next writer completes what this one does not.

        Raises `SupersededError` with nothing committed. After an OSError the next writer finds out what has happened.
        """
        if self._overtaken or not (self._staged or changes):
            return
        if self._head.pending:
            raise SupersededError(f"what {self.key} had before is not in its place yet; refresh again")
        new = staged_snapshot(self.key, {one.table: self._staged[one.table].content() for one in raw}, changes)
        self._commit(new, log_ends(self.key, new, changes, self.log_end))
        self._ending_well(lambda: self._place_snapshot(new))

    def commit_all(self, staged: Sequence[StagedFile]) -> None:
        """Put files in their places, unless another writer has committed since: then its files are newer.

        Raises OSError after all were tried.
        """
        self._ending_well(lambda: self._place([one.table for one in staged]))

    def log_end(self, log: str) -> LogEnd:
        """The end of a change log as the head has it; a log that it does not have is listed."""
        if known := self._head.logs.get(log):
            return known
        if log not in self._listed_logs:
            self._listed_logs[log] = self.store.log_end(log, self.key)
        return self._listed_logs[log]

    def rewrite_part(self, log: str, part: LogPart, content: Pieces) -> None:
        """Replace a file of a change log by one of this version, unless there is a newer one."""
        name, version = file_names.log_file(log, self.key, part), self._head.version
        self._ending_well(lambda: rewrite(self.store.files, name, content, version, self._is_last))

    def compact(self, log: str, parts: Sequence[LogPart], content: Pieces) -> None:
        """Commit that one file takes the place of several, and put it there; nothing where another has committed."""
        if self._head.pending is None:
            one = NewPart(log, "", compacted(parts), content.of_version(self._next_version()))
            new, end = compaction(self.store, self.key, one), self.log_end(log)
            self._ending_well(lambda: self._commit(new, {log: replace(end, files=end.files - len(parts) + 1)}))
            self._ending_well(lambda: self._place_snapshot(new))

    def recover(self, log: str, follows: str) -> None:
        """Nothing is left to be done: a writer begins with it (`object_recovery.py`)."""

    def note_read(self, at: datetime, problem: str | None = None) -> LastRead:
        """Replace the head by one that notes the read, and knows all tables that are in their places."""

        def noted(before: LastRead) -> LastRead:
            is_later = before.read_at is not None and before.read_at > at
            return before if is_later else last_read.after_read(before, at, problem)

        return self._note(noted)

    def close(self) -> None:
        """Note in the head what is in its place, where `note_read` did not, and remove what was staged."""
        if not self._commits or self._overtaken or self._head.pending:
            return
        try:
            if self._head != self._found.head:
                self._note(lambda before: before)
            remove_staged(self.store.files, self.key, self._commits, datetime.now(UTC))
            self.store.sweep_if_due()
        except OSError as error:
            logger.warning("the next writer of %s clears up: %s", self.key, error)

    def _next_version(self) -> int:
        """That of the next commit."""
        return self._head.version + 1 if self._head.version else self._first_version

    def _commit(self, new: StagedSnapshot, logs: Mapping[str, LogEnd]) -> None:
        """Stage, and replace the head by one that knows where these logs end, and none of the tables to be written."""
        stage_objects(self.store.files, self.key, new)
        head = self._head.followed_by(new.commit, self._next_version(), new.pending, logs, self._staged)
        try:
            self._found = commit_head(self.store.files, self.key, head, self._found)
        except SupersededError:
            with contextlib.suppress(OSError):
                self.store.files.delete_all(list(new.contents))
            raise
        self._replaced = {table: known.tag for table, known in self._head.tables.items() if table in self._staged}
        self._head = self._found.head
        self._commits.add(new.commit)

    def _place_snapshot(self, new: StagedSnapshot) -> None:
        self._place(list(new.pending.tables))
        for name, staged in new.pending.log_files.items():
            create_once(self.store.files, name, new.contents[staged])
        delete_covered(self.store.files, new.pending.covered)
        self._head = replace(self._head, pending=None)

    def _place(self, tables: Sequence[str]) -> None:
        """Put staged files in their places, and add them to the head. Raises after all were tried."""
        files, version = self.store.files, self._head.version

        def put(table: str, staged: StagedTable) -> None:
            name = file_names.table_file(table, self.key)
            tag = put_newer(files, name, staged.content(), version, self._replaced.get(table), is_wanted=self._is_last)
            placed[table] = replace(staged.known, tag=tag)

        placed: dict[str, KnownTable] = {}
        try:
            each(put, {table: self._staged[table] for table in tables})
        finally:
            self._head = replace(self._head, tables={**self._head.tables, **placed})
            for table in placed:
                del self._staged[table]

    def _is_last(self) -> bool:
        """Whether nobody else has committed since, or removed the conference."""
        return get_head(self.store.files, self.key).head.commit == self._head.commit

    def _ending_well(self, place: Callable[[], None]) -> None:
        """Place what is committed, unless another writer has committed since: all that it places is newer."""
        if self._overtaken:
            return
        try:
            place()
        except SupersededError as error:
            logger.info("%s: another refresh has taken over: %s", self.key, error)
            self._overtaken = True

    def _note(self, change: Callable[[LastRead], LastRead]) -> LastRead:
        """Replace the head by what is known, with what `change` makes of the last note; gives that note.

        Where another writer has committed since, nothing is noted.
        """
        before = self._found.head.last_read

        def note() -> None:
            nonlocal before
            known, has_committed = (self._head, self._found), bool(self._commits)
            before, self._found = note_in_head(self.store.files, self.key, *known, change, has_committed=has_committed)
            self._head = self._found.head

        self._ending_well(note)
        return before
