"""One Parquet file: what is written into it, what its footer says, and what is said of one that cannot be read."""

import contextlib
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import IO, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.storage.atomic_write import NoFileError
from planion_assets.storage.errors import NotStoredError, ObjectStoreError, UnreadableFileError
from planion_assets.storage.files import Files

_REMEDY = "run `planion verify --repair`, or move it away and materialize it again"
_SMALL = 4096  # bytes of a column that are not worth compressing
_REASON = 200  # characters of what Arrow says


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a stored table comes from, kept in the Parquet key-value metadata.

    `snapshot` is the digest of the raw content (`planion.snapshot`), `fetched_at` the instant (UTC) it was read
    from the feed (`planion.fetched_at`, ISO 8601), `code_version` that of the table's transform
    (`planion.code_version`), `zones` the time zones it was read with (`planion.zones`), `publication` the
    account's settings of what is published (`planion.publication`), `people` the digest of the snapshot of the
    Speakers method that persons are taken from (`planion.people`), each blank where they do not matter.
    """

    snapshot: str
    fetched_at: datetime
    code_version: str
    zones: str = ""
    publication: str = ""
    people: str = ""


_FETCHED_AT = b"planion.fetched_at"
_TEXTS = {name: f"planion.{name}".encode() for name in ("snapshot", "code_version", "zones", "publication", "people")}
"""The key of each text of a provenance."""
_WHERE_SAID = ("publication", "people")  # else the file has no such note
_UNREADABLE = b"planion.unreadable"
_PAGES = b"planion.pages"
_VERSION = b"planion.version"
NOTES_DIGEST = b"planion.notes"
"""The key of the digest of all other notes (`notes_digest`)."""
NOTES = frozenset({_FETCHED_AT, *_TEXTS.values(), _UNREADABLE, _PAGES, _VERSION, NOTES_DIGEST})
"""The keys of the Parquet metadata that this project writes."""


@dataclass(frozen=True, slots=True)
class Footer:
    """What the metadata of a stored file says.

    `provenance` is None for a file of other code. `unreadable` is what was noted of values that could not be read
    (`planion.unreadable`), as JSON text, and `pages` of the feed's pages (`planion.pages`), blank for nothing. `size`
    is in bytes. `version` is that of the conference at which the file was written, 0 where it has none. Of a file that
    was not opened `schema` is None, and `schema_digest` is what `digest_of_schema` gave of it.
    """

    address: str
    size: int
    rows: int
    schema: pa.Schema | None
    provenance: Provenance | None
    unreadable: str = "{}"
    pages: str = ""
    version: int = 0
    schema_digest: str = ""

    def has_schema(self, schema: pa.Schema) -> bool:
        """Whether the file has these columns and types, in this order; their metadata may differ."""
        if self.schema is None:
            return self.schema_digest == digest_of_schema(schema)
        return self.schema.equals(schema)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Rows that come some at a time, for a table that would fill the memory; each piece becomes a row group.

    `repeats` says whether values come more than once in most columns. A dictionary of values that do not takes half of
    the time of writing them, and makes the file larger.
    """

    schema: pa.Schema
    tables: Iterable[pa.Table]
    repeats: bool = True

    @classmethod
    def of(cls, rows: "pa.Table | Pieces") -> "Pieces":
        """Rows that may be a table."""
        return cls(rows.schema, [rows]) if isinstance(rows, pa.Table) else rows

    def write(self, file: IO[bytes]) -> int:
        """Write them as one Parquet file. How many there are."""
        rows = 0
        with pq.ParquetWriter(
            file, self.schema, compression=self._compression(), use_dictionary=self.repeats, write_page_checksum=True
        ) as writer:
            for piece in self.tables:
                writer.write_table(piece)
                rows += piece.num_rows
        return rows

    def content(self) -> bytes:
        """The bytes of that file."""
        file = io.BytesIO()
        self.write(file)
        return file.getvalue()

    def _compression(self) -> "Literal['zstd'] | dict[str, Any]":
        """Zstandard, but none for what is small: a tenth of the time of writing a small table, and a fiftieth of it."""
        if not isinstance(self.tables, list):
            return "zstd"
        columns = ((name, [piece.column(name) for piece in self.tables]) for name in self.schema.names)
        sizes = {name: sum(one.get_total_buffer_size() for one in pieces) for name, pieces in columns}
        return {name: "zstd" if size > _SMALL else "none" for name, size in sizes.items()}

    def with_notes(self, provenance: Provenance, unreadable: str, pages: str) -> "Pieces":
        """The same rows, whose file says where they come from."""
        texts = {name: str(getattr(provenance, name)) for name in _TEXTS}
        notes = {_TEXTS[name]: text.encode() for name, text in texts.items() if text or name not in _WHERE_SAID}
        notes |= {_FETCHED_AT: provenance.fetched_at.isoformat().encode(), _UNREADABLE: unreadable.encode()}
        return self._noted(notes | ({_PAGES: pages.encode()} if pages else {}))

    def of_version(self, version: int) -> "Pieces":
        """The same rows in a file of that version of the conference; what else it says of itself stays."""
        return self._noted({_VERSION: str(version).encode()})

    def _noted(self, more: Mapping[bytes, bytes]) -> "Pieces":
        notes = {**(self.schema.metadata or {}), **more}
        return replace(self, schema=self.schema.with_metadata({**notes, NOTES_DIGEST: notes_digest(notes)}))


@dataclass(frozen=True)
class OpenFile:
    """A Parquet file that is open: where it is, its bytes, and what reads it."""

    address: str
    source: "pa.NativeFile"
    parquet: pq.ParquetFile

    @cached_property
    def schema(self) -> pa.Schema:
        """Its columns; with many of them it takes long to ask."""
        return self.parquet.schema_arrow

    @property
    def footer(self) -> Footer:
        """What the file says of itself."""
        return footer_of(self.address, self.source.size(), self.parquet.metadata.num_rows, self.schema)


def footer_of(address: str, size: int, rows: int, schema: pa.Schema) -> Footer:
    """What a file of that schema, size in bytes, and number of rows says of itself."""
    notes = schema.metadata or {}
    return Footer(
        address,
        size,
        rows,
        schema,
        provenance_in(notes),
        notes.get(_UNREADABLE, b"{}").decode(),
        notes.get(_PAGES, b"").decode(errors="replace"),
        version_in(notes),
    )


@contextlib.contextmanager
def opened(files: Files, name: str, absence: str) -> Iterator[OpenFile]:
    """A Parquet file to read from, each page of it against its checksum where it has one.

    Raises `NotStoredError` with the words of `absence`, and `UnreadableFileError` also for what is read in the body.
    """
    address = files.address(name)
    with (
        as_store_errors(address, absence),
        files.open(name) as source,
        pq.ParquetFile(source, page_checksum_verification=True) as file,
    ):
        yield OpenFile(address, source, file)


@contextlib.contextmanager
def as_store_errors(address: str, absence: str = "") -> Iterator[None]:
    """What Arrow and the system raise of a file, as errors of the store (`opened`)."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotStoredError(absence) from error
    except NoFileError as error:
        raise UnreadableFileError(f"{error}; {_REMEDY}") from error
    except ObjectStoreError:
        raise
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        # Arrow reports a mangled footer as an OSError too, but one that no system call has numbered.
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), address) from error
        reason = " ".join(str(error).split())[:_REASON]
        raise UnreadableFileError(f"{address} is not a readable Parquet file ({reason}); {_REMEDY}") from error


def digest_of_schema(schema: pa.Schema) -> str:
    """SHA-256 (hex) of the names and types of columns, in their order."""
    columns = [(field.name, str(field.type), field.nullable) for field in schema]
    return hashlib.sha256(repr(columns).encode()).hexdigest()


def version_in(notes: Mapping[bytes, bytes]) -> int:
    """The version of the conference that a file's metadata holds; 0 where it holds none."""
    text = notes.get(_VERSION, b"")
    return int(text) if text.isdigit() else 0


def provenance_in(notes: Mapping[bytes, bytes]) -> Provenance | None:
    """The provenance that a file's metadata holds; None where it holds none that can be read."""
    try:
        texts = {name: notes[key].decode() for name, key in _TEXTS.items() if key in notes}
        return Provenance(fetched_at=datetime.fromisoformat(notes[_FETCHED_AT].decode()), **texts)
    except (KeyError, TypeError, ValueError):
        return None


def notes_digest(notes: Mapping[bytes, bytes]) -> bytes:
    """SHA-256 (hex) of a file's notes of this project: no checksum of Parquet covers a footer."""
    ours = sorted((name, text) for name, text in notes.items() if name in NOTES - {NOTES_DIGEST})
    return hashlib.sha256(repr(ours).encode()).hexdigest().encode()
