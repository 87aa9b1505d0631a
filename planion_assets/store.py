"""Where tables live: one Parquet file per table and conference, written atomically, read with its footer.

Knows paths, Parquet and the disk. Knows neither Dagster nor HTTP, and not what the tables mean: any Arrow table
can be stored under any table name.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.keys import ConferenceKey, name_from_path, path_name

_SUFFIX = ".parquet"
_SNAPSHOT = b"planion.snapshot"
_FETCHED_AT = b"planion.fetched_at"
_CODE_VERSION = b"planion.code_version"
_ZONES = b"planion.zones"
_UNREADABLE = b"planion.unreadable"


class StoreError(Exception):
    """A table could not be read or written."""


class NotStoredError(StoreError):
    """Nothing is stored for that table and conference: not the same as an empty table."""


class OtherSchemaError(StoreError):
    """The stored table has other columns or types than are asked for."""


class UnreadableFileError(StoreError):
    """There is a file, and it is not a readable Parquet file."""


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
    be read (`planion.unreadable`), as JSON text.
    """

    path: Path
    size: int
    rows: int
    schema: pa.Schema
    provenance: Provenance | None
    unreadable: str = "{}"


@dataclass(frozen=True, slots=True)
class Store:
    """The tables below one directory: `<root>/<table>/<account>/<conference>.parquet`, names percent-encoded.

    A table is named by its folder below the root, which may be a path: `published/published_sessions`.
    """

    root: Path

    def path(self, table: str, key: ConferenceKey | None) -> Path:
        """The file of a table: a conference's, or `<root>/<table>.parquet` for a table of all conferences."""
        folder = self._folder(table)
        if key is None:
            return folder.with_name(folder.name + _SUFFIX)
        return folder / path_name(key.account) / (path_name(key.conference) + _SUFFIX)

    def keys(self, table: str) -> list[ConferenceKey]:
        """The conferences of which this table is stored, sorted."""
        found = self._folder(table).glob(f"*/*{_SUFFIX}")
        return sorted(
            ConferenceKey(name_from_path(path.parent.name), name_from_path(path.name.removesuffix(_SUFFIX)))
            for path in found
            if not path.name.startswith(".")
        )

    def write(
        self,
        table: str,
        key: ConferenceKey | None,
        data: pa.Table,
        provenance: Provenance | None = None,
        unreadable: str = "{}",
    ) -> Footer:
        """Replace the stored table: a reader sees the old file or the whole replacement, nothing between.

        Raises OSError when the disk refuses; the old file is untouched then.
        """
        path = self.path(table, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if provenance is not None:
            notes = {**_encode(provenance), _UNREADABLE: unreadable.encode()}
            data = data.replace_schema_metadata({**(data.schema.metadata or {}), **notes})
        # Hidden and not named .parquet: no reader's glob picks up a half-written file.
        beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
        try:
            with beside.open("xb") as file:
                pq.write_table(data, file, compression="zstd")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
        _sync_directory(path.parent)
        return self.footer(table, key)

    def read(self, table: str, key: ConferenceKey | None, schema: pa.Schema | None = None) -> pa.Table:
        """The stored rows, which must have `schema` if one is given; metadata of schema and fields may differ.

        Raises `NotStoredError`, `UnreadableFileError` or `OtherSchemaError`.
        """
        with self._open(table, key) as file:
            if schema is not None and not file.schema_arrow.equals(schema):
                raise OtherSchemaError(
                    f"{self.path(table, key)} has other columns or types than this code gives table "
                    f"{table}: materialize it again"
                )
            return file.read()

    def footer(self, table: str, key: ConferenceKey | None) -> Footer:
        """What the file says of itself. Raises `NotStoredError` or `UnreadableFileError`."""
        with self._open(table, key) as file:
            return _footer(self.path(table, key), file)

    def maxima(
        self, table: str, key: ConferenceKey | None, columns: Sequence[str]
    ) -> tuple[Footer, dict[str, datetime | None]]:
        """The footer with the greatest value of timestamp columns, None for one without any value; no row is read.

        Raises `NotStoredError`, `UnreadableFileError`, or `OtherSchemaError` for a file that does not tell.
        """
        with self._open(table, key) as file:
            footer = _footer(self.path(table, key), file)
            try:
                return footer, {name: _maximum(file, footer.schema, name) for name in columns}
            except KeyError as error:
                raise OtherSchemaError(
                    f"{footer.path} has no statistics of column {error}, it was made by other code: "
                    "materialize it again"
                ) from None

    def _folder(self, table: str) -> Path:
        return self.root.joinpath(*(path_name(part) for part in table.split("/")))

    @contextlib.contextmanager
    def _open(self, table: str, key: ConferenceKey | None) -> Iterator[pq.ParquetFile]:
        path = self.path(table, key)
        try:
            with pq.ParquetFile(path) as file:
                yield file
        except FileNotFoundError as error:
            of = f"of {key} " if key else ""
            raise NotStoredError(f"no table {table} {of}is stored at {path}: materialize it first") from error
        except (pa.ArrowInvalid, OSError) as error:
            # Arrow reports a mangled footer as an OSError too, but one that no system call has numbered.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise UnreadableFileError(
                f"{path} is not a readable Parquet file ({error}); move it away and materialize it again"
            ) from error


def _footer(path: Path, file: pq.ParquetFile) -> Footer:
    schema = file.schema_arrow
    notes = schema.metadata or {}
    unreadable = notes.get(_UNREADABLE, b"{}").decode()
    return Footer(path, path.stat().st_size, file.metadata.num_rows, schema, _decode(notes), unreadable)


def _maximum(file: pq.ParquetFile, schema: pa.Schema, column: str) -> datetime | None:
    """The greatest value that the statistics of a column's chunks tell; KeyError where they do not."""
    index = schema.get_field_index(column)  # that of the chunk too: no column is nested
    if index < 0:
        raise KeyError(column)
    found: list[datetime] = []
    groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
    for group in (group for group in groups if group.num_rows):
        statistics = group.column(index).statistics
        if statistics is not None and statistics.has_min_max and isinstance(statistics.max, datetime):
            found.append(statistics.max)
        elif statistics is None or statistics.null_count != group.num_rows:
            raise KeyError(column)
    return max(found, default=None)


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


def _sync_directory(directory: Path) -> None:
    """Make the rename itself survive a power failure, where the system lets directories be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
