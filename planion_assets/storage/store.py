"""Where tables live: one Parquet file per table and conference, replaced whole, read with its footer.

`Store` is what the layers above see of either home: a local folder (`local_store.py`) or an object store
(`object_store.py`). It does not know what the tables mean: any Arrow table can be stored under any table name.
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.storage import file_names
from planion_assets.storage.errors import (
    LockedError,
    NotStoredError,
    OtherSchemaError,
    ReplacedError,
    StoreError,
    SupersededError,
    UnreadableFileError,
)
from planion_assets.storage.files import Files
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.locks import GivenUp, never
from planion_assets.storage.log_parts import LogPart, part_of, without_covered
from planion_assets.storage.parquet_file import Footer, OpenFile, Pieces, Provenance, opened, provenance_in
from planion_assets.storage.parquet_statistics import FooterStatistics
from planion_assets.storage.writer import LogEnd, NewPart, StagedFile, StoredConference, Writer

__all__ = [
    "Footer",
    "LockedError",
    "LogPart",
    "NewPart",
    "NotStoredError",
    "OtherSchemaError",
    "Pieces",
    "Provenance",
    "ReplacedError",
    "StagedFile",
    "Store",
    "StoreError",
    "StoredConference",
    "SupersededError",
    "UnreadableFileError",
    "Writer",
]


WRITER = "refresh"
"""Who writes the tables of conferences; any other asset is a writer of its own."""


class Store(ABC):
    """The tables below one root: `<table>/<account>/<conference>.parquet`, names percent-encoded.

    A table is named by its folder below the root, which may be a path: `published/published_sessions`. A change log is
    a folder for each conference, with a file for each change (`planion_assets.storage.log_parts`).
    """

    files: Files
    """The files below the root."""

    def address(self, table: str, key: ConferenceKey | None) -> str:
        """The path or address of a table's file: a conference's, or that of a table of all conferences."""
        return self.files.address(file_names.table_file(table, key))

    def keys(self, table: str) -> list[ConferenceKey]:
        """The conferences of which this table is stored, sorted; files of other names are passed over."""
        folder = file_names.table_folder(table)
        deep = folder.count("/") + 2
        found = (file_names.key_of_file(name) for name in self.files.list(folder) if name.count("/") == deep)
        return sorted(key for key in found if key)

    def stored(self, keys: Iterable[ConferenceKey]) -> Iterator[StoredConference]:
        """Each of the conferences, to be asked what is stored of it."""
        return (StoredConference(self, key) for key in keys)

    @abstractmethod
    def writer(
        self, key: ConferenceKey, logs: Mapping[str, str], given_up: GivenUp = never
    ) -> contextlib.AbstractContextManager[Writer]:
        """Begin to write a conference's tables; readers never wait.

        `logs` has by change log the table whose snapshots it follows. What killed writers have left is completed or
        removed first. Raises `LockedError` where another writer is at work and does not end in time, or waiting is
        `given_up`, and OSError where the disk or the object store refuses. The body gets `SupersededError` where
        another writer was faster: then the caller begins again.
        """

    @abstractmethod
    def exclusive(
        self, writer: str, key: ConferenceKey | None, tables: Iterable[str]
    ) -> contextlib.AbstractContextManager[object]:
        """Be the only writer of that name that writes these tables of a conference, with `write` and nothing else."""

    def unwaiting(self) -> "Store":
        """The same store, whose writers wait for no other."""
        return self

    def undisturbed(self, key: ConferenceKey) -> "contextlib.AbstractContextManager[object]":
        """Read all of a conference while nobody refreshes it. Raises as `exclusive` does."""
        return self.exclusive(WRITER, key, ())

    def removal(self, key: ConferenceKey, tables: Iterable[str]) -> "contextlib.AbstractContextManager[object]":
        """Let nobody write these tables of a conference while the body deletes them. Raises as `exclusive` does."""
        return self.exclusive(WRITER, key, tables)

    @abstractmethod
    def sweep(self, tables: Iterable[str]) -> None:
        """Remove what killed writers left of these tables, also of conferences that nobody refreshes any more."""

    @abstractmethod
    def note_file(self, key: ConferenceKey) -> str:
        """The file of what came of the last attempts to read a conference."""

    @abstractmethod
    def leftovers(self, name: str) -> list[str]:
        """What killed writers have staged for a file. Raises OSError."""

    @abstractmethod
    def pending(self, log: str, key: ConferenceKey) -> list[LogPart]:
        """The changes that a writer which was killed has committed, if it has, and not given their place."""

    @abstractmethod
    def last_read(self, key: ConferenceKey) -> LastRead:
        """What came of the last attempts to read a conference. Raises OSError."""

    @abstractmethod
    def note_failure(self, key: ConferenceKey, at: datetime, reason: str) -> LastRead:
        """Note that a conference could not be refreshed; gives what was noted before. Raises OSError."""

    def write(
        self,
        table: str,
        key: ConferenceKey | None,
        data: pa.Table | Pieces,
    ) -> Footer:
        """Replace a stored table that no refresh writes: a reader sees the old file or the new one, whole.

        Raises OSError where the disk or the object store refuses; the old file is untouched then.
        """
        self.files.replace(file_names.table_file(table, key), Pieces.of(data).write)
        return self.footer(table, key)

    def log_parts(self, log: str, key: ConferenceKey) -> list[LogPart]:
        """The files of a conference's change log, in order, each change in one of them; none where there is none.

        Raises OSError.
        """
        return without_covered(self.listed_parts(log, key))

    def listed_parts(self, log: str, key: ConferenceKey) -> list[LogPart]:
        """The same with those that a compacted one covers, which are there until they are deleted. Raises OSError."""
        folder = f"{file_names.log_folder(log, key)}/"
        found = (part_of(name.removeprefix(folder)) for name in self.files.list(folder[:-1]))
        return sorted(part for part in found if part)

    def log_end(self, log: str, key: ConferenceKey) -> LogEnd:
        """The end of a change log by the names of its files and of those that are lost. Raises OSError."""
        parts = self.log_parts(log, key)
        # A number that was lost is not given again: a reader that has handled it would skip the other.
        numbers = [part.sequence for part in parts[-1:]] + [last for _, last in self.lost(log, key)]
        last = parts[-1] if parts else None
        size = self.files.size(file_names.log_file(log, key, last)) if last else 0
        return LogEnd(last, size, len(parts), max(numbers, default=-1) + 1)

    def old_parts(self, log: str, key: ConferenceKey, keep: int) -> list[LogPart]:
        """The files of a change log before the newest `keep`, in order, which may be compacted. Raises OSError."""
        return self.log_parts(log, key)[:-keep]

    def lost(self, log: str, key: ConferenceKey) -> list[tuple[int, int]]:
        """The first and last number of each run of changes known to be lost: set aside, or marked as missing."""
        folder = f"{file_names.lost_folder(log, key)}/"
        try:
            names = [name.removeprefix(folder) for name in self.files.list(folder[:-1])]
        except OSError:
            return []
        return sorted(numbers for name in names if (numbers := file_names.lost_numbers(name)))

    def mark_lost(self, log: str, key: ConferenceKey, first: int, last: int) -> None:
        """Mark numbers of a change log as missing, so that they are known to be. Raises OSError."""
        self.files.create(file_names.missing_mark(log, key, first, last), b"")

    def log_address(self, log: str, key: ConferenceKey, part: LogPart | None = None) -> str:
        """The path or address of a file of a conference's change log, or of their folder."""
        folder = file_names.log_folder(log, key)
        return self.files.address(f"{folder}/{part.name}" if part else folder)

    def log_metadata(self, log: str, key: ConferenceKey, part: LogPart) -> Mapping[bytes, bytes]:
        """The metadata of one file of a change log. Raises `NotStoredError` or `UnreadableFileError`."""
        with self._open_log(log, key, part) as file:
            return file.schema.metadata or {}

    def read_log(self, log: str, key: ConferenceKey, part: LogPart) -> pa.Table:
        """The rows of one file of a change log. Raises `NotStoredError` or `UnreadableFileError`."""
        with self._open_log(log, key, part) as file:
            return file.parquet.read()

    def read(
        self,
        table: str,
        key: ConferenceKey | None,
        schema: pa.Schema | None = None,
        columns: Sequence[str] | None = None,
        provenance: Provenance | None = None,
    ) -> pa.Table:
        """The stored rows, which must have `schema` if one is given; metadata of schema and fields may differ.

        `columns` names the columns to read, all where it is None. With `provenance` a file that has another raises
        `ReplacedError`.

        Raises `NotStoredError`, `UnreadableFileError` or `OtherSchemaError`.
        """
        with self._open(table, key) as file:
            if schema is not None and not file.schema.equals(schema):
                raise OtherSchemaError(
                    f"{self.address(table, key)} has other columns or types than this code gives table "
                    f"{table}: materialize it again"
                )
            if provenance is not None and provenance_in(file.schema.metadata or {}) != provenance:
                raise ReplacedError(
                    f"{self.address(table, key)} was replaced by another refresh meanwhile; refresh again"
                )
            return file.parquet.read(columns=None if columns is None else list(columns))

    def footer(self, table: str, key: ConferenceKey | None) -> Footer:
        """What the file says of itself. Raises `NotStoredError` or `UnreadableFileError`."""
        return self.statistics(table, key).footer

    def statistics(self, table: str, key: ConferenceKey | None) -> FooterStatistics:
        """The footer with its statistics of columns. Raises `NotStoredError` or `UnreadableFileError`."""
        with self._open(table, key) as file:
            return FooterStatistics.of(file)

    def _open_log(self, log: str, key: ConferenceKey, part: LogPart) -> contextlib.AbstractContextManager[OpenFile]:
        absence = f"{self.log_address(log, key, part)} has been taken away"
        return opened(self.files, file_names.log_file(log, key, part), absence)

    def _open(self, table: str, key: ConferenceKey | None) -> contextlib.AbstractContextManager[OpenFile]:
        return opened(self.files, file_names.table_file(table, key), self.absence(table, key))

    def absence(self, table: str, key: ConferenceKey | None) -> str:
        """What is said of a table that is not there."""
        of = f"of {key} " if key else ""
        return f"no table {table} {of}is stored at {self.address(table, key)}: materialize it first"
