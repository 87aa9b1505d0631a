"""One Parquet file: what is written into it, what its footer says, and what is said of one that cannot be read.

Does not belong here: where files lie and which table they are of (`planion_assets.storage.store`).
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.storage.atomic_write import NoFileError, check_file
from planion_assets.storage.errors import NotStoredError, UnreadableFileError

_REMEDY = "run `planion verify --repair`, or move it away and materialize it again"
_REASON = 200  # characters of what Arrow says
_SNAPSHOT = b"planion.snapshot"
_FETCHED_AT = b"planion.fetched_at"
_CODE_VERSION = b"planion.code_version"
_ZONES = b"planion.zones"
_PUBLICATION = b"planion.publication"
_UNREADABLE = b"planion.unreadable"
_PAGES = b"planion.pages"
NOTES_DIGEST = b"planion.notes"
"""The key of the digest of all other notes (`notes_digest`)."""
NOTES = frozenset({_SNAPSHOT, _FETCHED_AT, _CODE_VERSION, _ZONES, _PUBLICATION, _UNREADABLE, _PAGES, NOTES_DIGEST})
"""The keys of the Parquet metadata that this project writes."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a stored table comes from, kept in the Parquet key-value metadata.

    `snapshot` is the digest of the raw content (`planion.snapshot`), `fetched_at` the instant (UTC) it was read
    from the feed (`planion.fetched_at`, ISO 8601), `code_version` that of the table's transform
    (`planion.code_version`), `zones` the time zones it was read with (`planion.zones`), `publication` the
    account's settings of what is handed out (`planion.publication`), each blank where they do not matter.
    """

    snapshot: str
    fetched_at: datetime
    code_version: str
    zones: str = ""
    publication: str = ""


@dataclass(frozen=True, slots=True)
class Footer:
    """What a stored file says of itself without its rows.

    `provenance` is None for a file made by other code. `unreadable` is what the maker noted of values that could not
    be read (`planion.unreadable`), as JSON text, and `pages` of the feed's pages (`planion.pages`), blank where nothing
    was. `size` is in bytes.
    """

    path: Path
    size: int
    rows: int
    schema: pa.Schema
    provenance: Provenance | None
    unreadable: str = "{}"
    pages: str = ""


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

    def with_notes(self, provenance: Provenance, unreadable: str, pages: str) -> "Pieces":
        """The same rows, whose file says where they come from."""
        notes = {
            _SNAPSHOT: provenance.snapshot.encode(),
            _FETCHED_AT: provenance.fetched_at.isoformat().encode(),
            _CODE_VERSION: provenance.code_version.encode(),
            _ZONES: provenance.zones.encode(),
            _UNREADABLE: unreadable.encode(),
            **({_PUBLICATION: provenance.publication.encode()} if provenance.publication else {}),
            **({_PAGES: pages.encode()} if pages else {}),
        }
        notes[NOTES_DIGEST] = notes_digest(notes)
        return replace(self, schema=self.schema.with_metadata({**(self.schema.metadata or {}), **notes}))


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
        check_file(path)
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except FileNotFoundError as error:
        raise NotStoredError(absence) from error
    except NoFileError as error:
        raise UnreadableFileError(f"{error}; {_REMEDY}") from error
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        # Arrow reports a mangled footer as an OSError too, but one that no system call has numbered.
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        reason = " ".join(str(error).split())[:_REASON]
        raise UnreadableFileError(f"{path} is not a readable Parquet file ({reason}); {_REMEDY}") from error


def footer_of(path: Path, file: pq.ParquetFile) -> Footer:
    """What an open file says of itself. Raises OSError."""
    schema = file.schema_arrow
    notes = schema.metadata or {}
    unreadable = notes.get(_UNREADABLE, b"{}").decode()
    pages = notes.get(_PAGES, b"").decode(errors="replace")
    return Footer(path, path.stat().st_size, file.metadata.num_rows, schema, provenance_in(notes), unreadable, pages)


def provenance_in(notes: Mapping[bytes, bytes]) -> Provenance | None:
    """The provenance that a file's metadata holds; None where it holds none that can be read."""
    try:
        return Provenance(
            snapshot=notes[_SNAPSHOT].decode(),
            fetched_at=datetime.fromisoformat(notes[_FETCHED_AT].decode()),
            code_version=notes[_CODE_VERSION].decode(),
            zones=notes.get(_ZONES, b"").decode(),
            publication=notes.get(_PUBLICATION, b"").decode(),
        )
    except (KeyError, ValueError):
        return None


def notes_digest(notes: Mapping[bytes, bytes]) -> bytes:
    """SHA-256 (hex) of a file's notes of this project: no checksum of Parquet covers a footer."""
    ours = sorted((name, text) for name, text in notes.items() if name in NOTES - {NOTES_DIGEST})
    return hashlib.sha256(repr(ours).encode()).hexdigest().encode()
