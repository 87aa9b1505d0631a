"""Where tables live: one Parquet file per table and conference, written atomically, read with its footer.

A history is a folder of such files instead (`planion_assets.refresh.change_log` knows what they are called). What the
layers above need of a stored file is here, the types and errors of the modules below included. Knows neither Dagster
nor HTTP, and not what the tables mean: any Arrow table can be stored under any table name.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.keys import ConferenceKey
from planion_assets.storage import atomic_write, local, locks
from planion_assets.storage.errors import (
    LockedError,
    NotStoredError,
    OtherSchemaError,
    ReplacedError,
    StoreError,
    UnreadableFileError,
)
from planion_assets.storage.parquet_file import Footer, Pieces, Provenance, footer_of, opened, provenance_in
from planion_assets.storage.parquet_statistics import min_max, null_count

__all__ = [
    "Footer",
    "LockedError",
    "NotStoredError",
    "OtherSchemaError",
    "Pieces",
    "Provenance",
    "ReplacedError",
    "StagedFile",
    "Store",
    "StoreError",
    "UnreadableFileError",
]

# Longer than a refresh of one conference takes of a feed that is well, and shorter than the fifteen minutes in which
# the feed is made anew (docs/reference/feed-facts.md): who waits longer than this waits for a feed in trouble.
LOCK_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file that is written and synced, but not in its place yet; the path in `footer` is that of its place."""

    path: Path
    footer: Footer


@dataclass(frozen=True, slots=True)
class Store:
    """The tables below one directory: `<root>/<table>/<account>/<conference>.parquet`, names percent-encoded.

    A table is named by its folder below the root, which may be a path: `published/published_sessions`. `lock_wait` is
    how many seconds a writer waits for another.
    """

    root: Path
    lock_wait: float = LOCK_WAIT

    def path(self, table: str, key: ConferenceKey | None) -> Path:
        """The file of a table: a conference's, or `<root>/<table>.parquet` for a table of all conferences."""
        return local.table_path(self.root, table, key)

    def folder(self, history: str, key: ConferenceKey) -> Path:
        """The folder of a conference's files of a history: `<root>/<history>/<account>/<conference>`."""
        return local.history_folder(self.root, history, key)

    def keys(self, table: str) -> list[ConferenceKey]:
        """The conferences of which this table is stored, sorted; a file of another name is none of theirs."""
        return local.stored_keys(self.root, table)

    @contextlib.contextmanager
    def exclusive(
        self,
        writer: str,
        key: ConferenceKey | None,
        tables: Iterable[str],
        given_up: Callable[[], bool] = lambda: False,
    ) -> Iterator[None]:
        """Be the only one of all processes that writes these tables of a conference, as `writer`; readers never wait.

        What writers that were killed have left of these files is removed first. Raises `LockedError` when another does
        not end within `lock_wait` seconds or before waiting is `given_up`, and OSError where the disk refuses.
        """
        lock = local.lock_path(self.root, writer, key)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locks.held(lock, self.lock_wait, given_up))
            except locks.HeldError as error:
                raise LockedError(
                    f"{key or writer} is being written by {error}, which did not end within {self.lock_wait:g} s; "
                    f"let it end, then try again (the lock is {lock})"
                ) from None
            for table in tables:
                for leftover in local.leftovers(self.path(table, key)):
                    leftover.unlink(missing_ok=True)
            yield

    def sweep(self, writer: str, tables: Iterable[str]) -> None:
        """Remove what killed writers left of these tables, also of conferences that nobody refreshes any more.

        Those at which somebody is at work, or which the disk refuses to free, are left to the next sweep.
        """
        tables = tuple(tables)
        with contextlib.suppress(OSError):
            for key in {key for table in tables for key in local.leftover_keys(self.root, table)}:
                with contextlib.suppress(LockedError, OSError), Store(self.root, 0).exclusive(writer, key, tables):
                    pass

    def write(
        self,
        table: str,
        key: ConferenceKey | None,
        data: "pa.Table | Pieces",
        provenance: Provenance | None = None,
        unreadable: str = "{}",
    ) -> Footer:
        """Replace the stored table: a reader sees the old file or the whole replacement, nothing between.

        Raises OSError with the file's name when the disk refuses; the old file is untouched then.
        """
        return self.commit(self.stage(table, key, data, provenance, unreadable))

    def stage(
        self,
        table: str,
        key: ConferenceKey | None,
        data: "pa.Table | Pieces",
        provenance: Provenance | None = None,
        unreadable: str = "{}",
        *,
        pages: str = "",
    ) -> StagedFile:
        """Write what is to replace the stored table, for `commit` or `discard`. Raises OSError with the file's name."""
        pieces = Pieces(data.schema, [data]) if isinstance(data, pa.Table) else data
        if provenance is not None:
            pieces = pieces.with_notes(provenance, unreadable, pages)
        path = self.path(table, key)
        staged = atomic_write.stage(path, pieces.write)
        with opened(staged, f"{staged} was taken away") as file:
            return StagedFile(staged, replace(footer_of(staged, file), path=path))

    def commit(self, staged: StagedFile) -> Footer:
        """Put a staged file in its place. Raises OSError with its name; the old file is untouched then."""
        atomic_write.commit(staged.path, staged.footer.path)
        return staged.footer

    def discard(self, staged: StagedFile) -> None:
        """Remove a staged file, unless it is in its place."""
        with contextlib.suppress(OSError):
            staged.path.unlink(missing_ok=True)

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
            if schema is not None and not file.schema_arrow.equals(schema):
                raise OtherSchemaError(
                    f"{self.path(table, key)} has other columns or types than this code gives table "
                    f"{table}: materialize it again"
                )
            if provenance is not None and provenance_in(file.schema_arrow.metadata or {}) != provenance:
                raise ReplacedError(f"{self.path(table, key)} was replaced by another refresh meanwhile; refresh again")
            return file.read(columns=None if columns is None else list(columns))

    def footer(self, table: str, key: ConferenceKey | None) -> Footer:
        """What the file says of itself. Raises `NotStoredError` or `UnreadableFileError`."""
        with self._open(table, key) as file:
            return footer_of(self.path(table, key), file)

    def min_max(
        self, table: str, key: ConferenceKey | None, columns: Sequence[str]
    ) -> tuple[Footer, dict[str, tuple[datetime, datetime] | None]]:
        """The footer with the least and greatest value of timestamp columns, None for one without any value.

        No row is read. Raises `NotStoredError`, `UnreadableFileError`, or `OtherSchemaError` for a file that does not
        tell.
        """
        with self._with_statistics(table, key) as (footer, file):
            return footer, {name: min_max(file.metadata, footer.schema, name) for name in columns}

    def nulls(self, table: str, key: ConferenceKey | None, column: str) -> tuple[Footer, int]:
        """The footer with the number of rows that have no value in a column. Raises as `min_max` does."""
        with self._with_statistics(table, key) as (footer, file):
            return footer, null_count(file.metadata, footer.schema, column)

    @contextlib.contextmanager
    def _with_statistics(self, table: str, key: ConferenceKey | None) -> Iterator[tuple[Footer, pq.ParquetFile]]:
        """A file that is asked for its statistics; a KeyError of a column says that it does not have them."""
        with self._open(table, key) as file:
            footer = footer_of(self.path(table, key), file)
            try:
                yield footer, file
            except KeyError as error:
                raise OtherSchemaError(
                    f"{footer.path} has no statistics of column {error}, it was made by other code: "
                    "materialize it again"
                ) from None

    def _open(self, table: str, key: ConferenceKey | None) -> "contextlib.AbstractContextManager[pq.ParquetFile]":
        path = self.path(table, key)
        of = f"of {key} " if key else ""
        return opened(path, f"no table {table} {of}is stored at {path}: materialize it first")
