"""Where tables live: one Parquet file per table and conference, written atomically, read with its footer.

A history is a folder of such files instead (`planion_assets.refresh.change_log` knows what they are called).

Knows paths, Parquet and the disk. Knows neither Dagster nor HTTP, and not what the tables mean: any Arrow table
can be stored under any table name.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.keys import ConferenceKey, name_from_path, path_name
from planion_assets.storage import atomic_write as disk
from planion_assets.storage import locks
from planion_assets.storage.parquet_statistics import min_max, null_count

# Longer than a refresh of one conference takes of a feed that is well, and shorter than the fifteen minutes in which
# the feed is made anew (docs/reference/feed-facts.md): who waits longer than this waits for a feed in trouble.
LOCK_WAIT = 60.0

_SUFFIX = ".parquet"
_UNREADABLE_FILE = "run `planion verify --repair`, or move it away and materialize it again"
_REASON = 200  # characters of what Arrow says
_LOCKS = ".locks"
_SNAPSHOT = b"planion.snapshot"
_FETCHED_AT = b"planion.fetched_at"
_CODE_VERSION = b"planion.code_version"
_ZONES = b"planion.zones"
_UNREADABLE = b"planion.unreadable"
_PAGES = b"planion.pages"
_NOTES = b"planion.notes"
NOTES = frozenset({_SNAPSHOT, _FETCHED_AT, _CODE_VERSION, _ZONES, _UNREADABLE, _PAGES, _NOTES})
"""The keys of the Parquet metadata that this project writes."""


class StoreError(Exception):
    """A table could not be read or written."""


class NotStoredError(StoreError):
    """Nothing is stored for that table and conference: not the same as an empty table."""


class OtherSchemaError(StoreError):
    """The stored table has other columns or types than are asked for."""


class ReplacedError(StoreError):
    """The stored table is not the one that is asked for: somebody has written another since."""


class UnreadableFileError(StoreError):
    """There is a file, and it is not a readable Parquet file."""


class BusyError(StoreError):
    """Another process writes the same tables of the same conference."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a stored table comes from, kept in the Parquet key-value metadata.

    `snapshot` is the digest of the raw content (`planion.snapshot`), `fetched_at` the instant (UTC) it was read
    from the feed (`planion.fetched_at`, ISO 8601), `code_version` that of the table's transform
    (`planion.code_version`), `zones` the time zones it was read with (`planion.zones`), blank where they do not matter.
    """

    snapshot: str
    fetched_at: datetime
    code_version: str
    zones: str = ""


@dataclass(frozen=True, slots=True)
class Footer:
    """What a stored file says of itself without its rows.

    `provenance` is None for a file made by other code. `unreadable` is what the maker noted of values that could not
    be read (`planion.unreadable`), as JSON text, and `pages` of the feed's pages (`planion.pages`), blank where nothing
    was.
    """

    path: Path
    size: int
    rows: int
    schema: pa.Schema
    provenance: Provenance | None
    unreadable: str = "{}"
    pages: str = ""

    def still_there(self) -> bool:
        """Whether a file of that size is still there. Raises OSError."""
        try:
            return self.path.stat().st_size == self.size
        except FileNotFoundError:
            return False


@dataclass(frozen=True, slots=True)
class Pieces:
    """Rows that come some at a time, for a table that would fill the memory; each piece becomes a row group.

    `repeats` says whether values come more than once in most columns. A dictionary of values that do not takes half of
    the time of writing them, and makes the file larger.
    """

    schema: pa.Schema
    tables: Iterable[pa.Table]
    repeats: bool = True

    def write(self, file: IO[bytes]) -> None:
        """Write them as one Parquet file."""
        with pq.ParquetWriter(
            file, self.schema, compression="zstd", use_dictionary=self.repeats, write_page_checksum=True
        ) as writer:
            for piece in self.tables:
                writer.write_table(piece)


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file that is written, onto the disk, and not in its place yet: `beside` it. `footer` is as if it were."""

    beside: Path
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
        folder = self._folder(table)
        if key is None:
            return folder.with_name(folder.name + _SUFFIX)
        return folder / path_name(key.account) / (path_name(key.conference) + _SUFFIX)

    def folder(self, history: str, key: ConferenceKey) -> Path:
        """The folder of a conference's files of a history: `<root>/<history>/<account>/<conference>`."""
        return self._folder(history) / path_name(key.account) / path_name(key.conference)

    def keys(self, table: str) -> list[ConferenceKey]:
        """The conferences of which this table is stored, sorted; a file of another name is none of theirs."""
        found = self._folder(table).glob(f"*/*{_SUFFIX}")
        keys = {key_of_path(path) for path in found if not path.name.startswith(".")}
        return sorted(key for key in keys if key)

    @contextlib.contextmanager
    def alone(
        self,
        writer: str,
        key: ConferenceKey | None,
        tables: Iterable[str],
        given_up: Callable[[], bool] = lambda: False,
    ) -> Iterator[None]:
        """Be the only one of all processes that writes these tables of a conference, as `writer`; readers never wait.

        What writers that were killed have left of these files is removed first. Raises `BusyError` when another does
        not end within `lock_wait` seconds or before waiting is `given_up`, and OSError where the disk refuses.
        """
        lock = self._lock(writer, key)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locks.held(lock, self.lock_wait, given_up))
            except locks.HeldError as error:
                raise BusyError(
                    f"{key or writer} is being written by {error}, which did not end within {self.lock_wait:g} s; "
                    f"let it end, then try again (the lock is {lock})"
                ) from None
            for path in (self.path(table, key) for table in tables):
                for leftover in path.parent.glob(disk.leftovers_of(path.name)):
                    leftover.unlink(missing_ok=True)
            yield

    def sweep(self, writer: str, tables: Iterable[str]) -> None:
        """Remove what killed writers left of these tables, also of conferences that nobody refreshes any more.

        Those at which somebody is at work, or which the disk refuses to free, are left to the next sweep.
        """
        tables = tuple(tables)
        with contextlib.suppress(OSError):
            left = {
                path for table in tables for path in self._folder(table).glob(f"*/{disk.leftovers_of('*' + _SUFFIX)}")
            }
            for key in {key for path in left if (key := _key_of_leftover(path))}:
                with contextlib.suppress(BusyError, OSError), Store(self.root, 0).alone(writer, key, tables):
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
        return put(self.begin(table, key, data, provenance, unreadable))

    def begin(
        self,
        table: str,
        key: ConferenceKey | None,
        data: "pa.Table | Pieces",
        provenance: Provenance | None = None,
        unreadable: str = "{}",
        *,
        pages: str = "",
    ) -> StagedFile:
        """Write what is to replace the stored table beside it, for `put`. Raises OSError with the file's name."""
        pieces = Pieces(data.schema, [data]) if isinstance(data, pa.Table) else data
        if provenance is not None:
            notes = {**_encode(provenance), _UNREADABLE: unreadable.encode()}
            notes |= {_PAGES: pages.encode()} if pages else {}
            notes[_NOTES] = notes_digest(notes)
            pieces = replace(pieces, schema=pieces.schema.with_metadata({**(pieces.schema.metadata or {}), **notes}))
        path = self.path(table, key)
        beside = disk.begin(path, pieces.write)
        with opened(beside, f"{beside} was taken away") as file:
            return StagedFile(beside, replace(footer_of(beside, file), path=path))

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
            if provenance is not None and _decode(file.schema_arrow.metadata or {}) != provenance:
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
        with self._told(table, key) as (footer, file):
            return footer, {name: min_max(file.metadata, footer.schema, name) for name in columns}

    def nulls(self, table: str, key: ConferenceKey | None, column: str) -> tuple[Footer, int]:
        """The footer with the number of rows that have no value in a column. Raises as `min_max` does."""
        with self._told(table, key) as (footer, file):
            return footer, null_count(file.metadata, footer.schema, column)

    @contextlib.contextmanager
    def _told(self, table: str, key: ConferenceKey | None) -> Iterator[tuple[Footer, pq.ParquetFile]]:
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

    def _folder(self, table: str) -> Path:
        return self.root.joinpath(*(path_name(part) for part in table.split("/")))

    def _lock(self, writer: str, key: ConferenceKey | None) -> Path:
        """The lock file of a writer: hidden, and in no table's folder, so that no reader's glob finds it."""
        folder = self.root / _LOCKS / path_name(writer)
        if key is None:
            return folder.with_name(f"{folder.name}.lock")
        return folder / path_name(key.account) / f"{path_name(key.conference)}.lock"

    def _open(self, table: str, key: ConferenceKey | None) -> "contextlib.AbstractContextManager[pq.ParquetFile]":
        path = self.path(table, key)
        of = f"of {key} " if key else ""
        return opened(path, f"no table {table} {of}is stored at {path}: materialize it first")


def put(staged: StagedFile) -> Footer:
    """Put a file that was begun in its place. Raises OSError with its name; the old file is untouched then."""
    disk.put(staged.beside, staged.footer.path)
    return staged.footer


def write_file(path: Path, data: Pieces) -> None:
    """Put a Parquet file in place as a whole, its folder made where missing. Raises OSError with `path` untouched."""
    disk.replace(path, data.write)


def read_file(path: Path, absence: str) -> pa.Table:
    """The rows of one file. Raises `NotStoredError` with the words of `absence`, or `UnreadableFileError`."""
    with opened(path, absence) as file:
        return file.read()


@contextlib.contextmanager
def opened(path: Path, absence: str) -> Iterator[pq.ParquetFile]:
    """A Parquet file to read from, each page of it against its checksum where it has one.

    Raises `NotStoredError` with the words of `absence`, and `UnreadableFileError` also for what is read in the body.
    """
    try:
        disk.check_file(path)
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except FileNotFoundError as error:
        raise NotStoredError(absence) from error
    except disk.NoFileError as error:
        raise UnreadableFileError(f"{error}; {_UNREADABLE_FILE}") from error
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        # Arrow reports a mangled footer as an OSError too, but one that no system call has numbered.
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        reason = " ".join(str(error).split())[:_REASON]
        raise UnreadableFileError(f"{path} is not a readable Parquet file ({reason}); {_UNREADABLE_FILE}") from error


def footer_of(path: Path, file: pq.ParquetFile) -> Footer:
    """What an open file says of itself. Raises OSError."""
    schema = file.schema_arrow
    notes = schema.metadata or {}
    unreadable = notes.get(_UNREADABLE, b"{}").decode()
    pages = notes.get(_PAGES, b"").decode(errors="replace")
    return Footer(path, path.stat().st_size, file.metadata.num_rows, schema, _decode(notes), unreadable, pages)


def _encode(provenance: Provenance) -> dict[bytes, bytes]:
    return {
        _SNAPSHOT: provenance.snapshot.encode(),
        _FETCHED_AT: provenance.fetched_at.isoformat().encode(),
        _CODE_VERSION: provenance.code_version.encode(),
        _ZONES: provenance.zones.encode(),
    }


def _decode(metadata: dict[bytes, bytes]) -> Provenance | None:
    try:
        return Provenance(
            snapshot=metadata[_SNAPSHOT].decode(),
            fetched_at=datetime.fromisoformat(metadata[_FETCHED_AT].decode()),
            code_version=metadata[_CODE_VERSION].decode(),
            zones=metadata.get(_ZONES, b"").decode(),
        )
    except (KeyError, ValueError):
        return None


def notes_digest(notes: Mapping[bytes, bytes]) -> bytes:
    """SHA-256 (hex) of a file's notes of this project: no checksum of Parquet covers a footer."""
    ours = sorted((name, text) for name, text in notes.items() if name in NOTES - {_NOTES})
    return hashlib.sha256(repr(ours).encode()).hexdigest().encode()


def key_of_path(path: Path) -> ConferenceKey | None:
    """The conference whose file has that path below a table's folder; None for a name that is none of ours."""
    return _key(path.parent.name, path.name.removesuffix(_SUFFIX)) if path.name.endswith(_SUFFIX) else None


def _key_of_leftover(leftover: Path) -> ConferenceKey | None:
    """The conference of a file that was begun; None for a name that is none of ours."""
    return _key(leftover.parent.name, leftover.name.removeprefix(".").rsplit(_SUFFIX, 1)[0])


def _key(account: str, conference: str) -> ConferenceKey | None:
    try:
        key = ConferenceKey(name_from_path(account), name_from_path(conference))
    except ValueError:
        return None
    return key if (path_name(key.account), path_name(key.conference)) == (account, conference) else None
