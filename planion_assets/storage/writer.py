"""The interfaces to read and to write one conference's stored files, alike for a folder and an object store."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.storage.errors import NotStoredError, UnreadableFileError
from planion_assets.storage.file_names import log_file
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.log_parts import LogPart
from planion_assets.storage.parquet_file import Footer, Pieces, Provenance
from planion_assets.storage.parquet_statistics import FooterStatistics

if TYPE_CHECKING:
    from planion_assets.storage.store import Store


_MAX_BYTES_IN_MEMORY = 4 << 20
"""Bytes of a staged table above which its rows are not kept, but read from its file again."""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A table's file that is whole, but not in its place yet; the address in `footer` is that of its place.

    `rows` are the table's, where they are few enough to be kept in memory, else None.
    """

    table: str
    path: Path
    footer: Footer
    rows: pa.Table | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewPart:
    """A file to be added to a change log, which follows the snapshots of a raw table."""

    log: str
    follows: str
    part: LogPart
    rows: Pieces = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogEnd:
    """The end of a change log: its last file and that file's bytes, how many there are, and the number that follows."""

    last: LogPart | None
    size: int
    files: int
    following: int


class StoredConference:
    """What is stored of one conference, to be read. Its methods raise as those of `Store` with the same names."""

    def __init__(self, store: "Store", key: ConferenceKey) -> None:
        self.store = store
        self.key = key

    def last_read(self) -> LastRead:
        """What came of the last attempts to read it."""
        return self.store.last_read(self.key)

    def statistics(self, table: str) -> FooterStatistics:
        """What a table's file says of itself and of its columns."""
        return self.store.statistics(table, self.key)

    def footer(self, table: str) -> Footer:
        """What a table's file says of itself."""
        return self.statistics(table).footer

    def readable_footer(self, table: str) -> Footer | None:
        """The same; None where there is no file, or none that can be read. Raises OSError."""
        try:
            return self.footer(table)
        except (NotStoredError, UnreadableFileError):
            return None

    def read(self, table: str, schema: pa.Schema | None = None, provenance: Provenance | None = None) -> pa.Table:
        """The stored rows, with all columns."""
        return self.store.read(table, self.key, schema, provenance=provenance)


class Writer(StoredConference, ABC):
    """A conference while its tables are written (`Store.writer`).

    A file is staged first and put in its place later: the raw tables of an endpoint by `commit_snapshot`, the tables
    derived from them by `commit_all`, the most important ones first.
    """

    def stage(
        self, table: str, data: pa.Table | Pieces, provenance: Provenance, unreadable: str = "{}", *, pages: str = ""
    ) -> StagedFile:
        """Write what is to replace a stored table. Raises OSError with the file's name."""
        staged = self.stage_pieces(table, Pieces.of(data).with_notes(provenance, unreadable, pages))
        if isinstance(data, pa.Table) and data.nbytes <= _MAX_BYTES_IN_MEMORY:
            return replace(staged, rows=data)
        return staged

    @abstractmethod
    def stage_pieces(self, table: str, pieces: Pieces) -> StagedFile:
        """The same of rows that say where they come from."""

    def rows(self, staged: StagedFile) -> pa.Table:
        """The rows of a file that is not in its place yet. Raises OSError."""
        return self.read_staged(staged) if staged.rows is None else staged.rows

    @abstractmethod
    def read_staged(self, staged: StagedFile) -> pa.Table:
        """The same, read from the file."""

    @abstractmethod
    def commit_snapshot(self, raw: Sequence[StagedFile], changes: Sequence[NewPart] = ()) -> None:
        """Put raw tables in their places and record what they change: if the process is killed, both happen or neither.

        Called once for each endpoint of which any table is to be written, with no raw table where those are right. The
        `changes` of a change log are in their order. Those that lead to the stored snapshot are recorded whatever
        becomes of the raw tables: they are changes of the derived tables, which follow.
        Raises OSError where the disk or the object store refuses, and `SupersededError`.
        """

    @abstractmethod
    def commit_all(self, staged: Sequence[StagedFile]) -> None:
        """Put the files of derived tables in their places, in any order or at once.

        Raises as `commit_snapshot` does; a file that is refused leaves the old one whole.
        """

    @abstractmethod
    def discard(self, staged: StagedFile) -> None:
        """Remove a staged file, unless it is in its place."""

    def rewrite_part(self, log: str, part: LogPart, content: Pieces) -> None:
        """Give a file of a change log another content. Raises OSError; what it held is untouched then."""
        self.store.files.replace(log_file(log, self.key, part), content.write)

    @abstractmethod
    def compact(self, log: str, parts: Sequence[LogPart], content: Pieces) -> None:
        """Put one file in the place of several old ones, which follow each other.

        Whoever is killed, each change is in one of the files that `Store.log_parts` gives. Raises OSError.
        """

    @abstractmethod
    def log_end(self, log: str) -> LogEnd:
        """The end of the conference's change log, with what this writer has added. Raises OSError."""

    @abstractmethod
    def recover(self, log: str, follows: str) -> None:
        """Give the change that a writer which was killed has left its place, or drop it, as the raw table says.

        Done of each log with which a writer begins. Raises OSError.
        """

    @abstractmethod
    def note_read(self, at: datetime, problem: str | None = None) -> LastRead:
        """Note that the sessions were read and verified, after all tables are in their places; gives what was noted
        before.

        `problem` is the reason where something beside the sessions failed: the conference then counts as failed all the
        same. Raises OSError.
        """
