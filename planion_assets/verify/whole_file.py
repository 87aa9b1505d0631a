"""Reads one Parquet file whole, and compares what its footer says with its rows.

The checksums of Parquet are of pages and cover no footer. What the rows should be is not known here.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.storage.files import Files
from planion_assets.storage.parquet_file import NOTES, NOTES_DIGEST, Footer, OpenFile, notes_digest, opened
from planion_assets.storage.store import NotStoredError, StoreError
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.model import TableSpec
from planion_assets.verify.findings import Found, cause

_MAGIC = b"PAR1"
_END = 8  # bytes: the length of the footer, and the magic bytes again
_WRITER = "parquet-cpp-arrow"  # what Arrow calls itself, in every version
METADATA_CHANGED = "its metadata was changed"


@dataclass(frozen=True, slots=True)
class WholeFile:
    """The rows of a file, and its footer."""

    rows: pa.Table
    footer: Footer


def read_whole(
    files: Files, name: str, declared: TableSpec, found: Found, notes: Iterable[bytes] = ()
) -> tuple[WholeFile | None, list[str]]:
    """Read a file of a table, each page against its checksum; returns it and what is wrong with it, for a person.

    None for a file that cannot be read. `notes` names more metadata that it may have. Raises `NotStoredError`.
    """
    try:
        with opened(files, name, f"{files.address(name)} is missing") as file:
            rows = file.parquet.read()
            rows.validate(full=True)
            footer = file.footer
            problems = list(_problems(file, rows, declared, frozenset(notes)))
    except NotStoredError:
        raise
    except (StoreError, OSError) as error:
        return None, [cause(error, files.address(name))]
    found.files += 1
    return WholeFile(rows, footer), problems


def as_declared(schema: pa.Schema, declared: TableSpec) -> bool:
    """Whether a schema is the declared one, with the metadata of its fields but for descriptions.

    Those may be older than the code: a changed description rewrites no file.
    """
    return _undescribed(schema).equals(_undescribed(schema_of(declared)), check_metadata=True)


def _undescribed(schema: pa.Schema) -> pa.Schema:
    def notes(field: "pa.Field[Any]") -> dict[bytes | str, bytes | str]:
        return {name: text for name, text in (field.metadata or {}).items() if name != b"description"}

    return pa.schema([field.with_metadata(notes(field)) for field in schema])


def difference(stored: pa.Table, expected: Iterable[pa.Table]) -> str | None:
    """How rows differ from those expected, which come some at a time with the same schema; None where they do not."""
    start = 0
    columns: dict[str, int] = {}
    for piece in expected:
        part = stored.slice(start, piece.num_rows)
        start += piece.num_rows
        if part.num_rows == piece.num_rows and not part.equals(piece):
            for name in piece.column_names:
                columns[name] = columns.get(name, 0) + _unequal(part[name], piece[name])
    if start != stored.num_rows:
        return f"it has {stored.num_rows} rows in place of {start}"
    listed = [f"{name} in {count} of {start} rows" for name, count in columns.items() if count]
    if not listed:
        return None
    more = f" and {len(listed) - 3} more columns" if len(listed) > 3 else ""
    return f"it has other values than the snapshot gives: {', '.join(listed[:3])}{more}"


def _unequal(one: "pa.ChunkedArray[Any]", other: "pa.ChunkedArray[Any]") -> int:
    if one.equals(other):
        return 0
    return sum(left != right for left, right in zip(one.to_pylist(), other.to_pylist(), strict=True))


def _problems(opened_file: OpenFile, rows: pa.Table, declared: TableSpec, more: frozenset[bytes]) -> Iterator[str]:
    file = opened_file.parquet
    if not _is_complete(opened_file):
        yield "it holds bytes that its footer does not tell of"
    schema = opened_file.schema
    notes = schema.metadata or {}
    if not str(file.metadata.created_by).startswith(_WRITER) or set(notes) - NOTES - more:
        yield "it was written by another tool"
    if notes.get(NOTES_DIGEST, notes_digest(notes)) != notes_digest(notes):
        yield METADATA_CHANGED
    if file.metadata.num_rows != rows.num_rows:
        yield f"its footer counts {file.metadata.num_rows} rows and it has {rows.num_rows}"
        return
    # Of a column of another type nothing more needs to be said.
    types = {field.name: field.type for field in schema_of(declared)}
    known = [number for number, field in enumerate(schema) if types.get(field.name) == field.type]
    expected = _written_again(file, rows)
    if as_declared(schema, declared) and not file.schema.equals(expected.schema):
        yield "its footer declares other Parquet types than its columns have"
    wrong = [rows.column_names[number] for number in known if not _has_statistics_of(file.metadata, expected, number)]
    if wrong:
        yield f"its footer has wrong statistics of {', '.join(wrong[:3])}"


def _is_complete(opened_file: OpenFile) -> bool:
    """Whether a file is its beginning, the pages of its columns, and its footer, and nothing else."""
    file, content = opened_file.parquet, opened_file.source
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    pages = sum(group.column(column).total_compressed_size for group in groups for column in range(group.num_columns))
    content.seek(0)
    beginning = content.read(len(_MAGIC))
    content.seek(content.size() - _END)
    footer = int.from_bytes(content.read(4), "little")
    return beginning == _MAGIC and content.size() == len(_MAGIC) + pages + footer + _END


def _written_again(file: pq.ParquetFile, rows: pa.Table) -> pq.FileMetaData:
    """The footer that Arrow gives the same rows in the same row groups."""
    written: list[pq.FileMetaData] = []
    with Path(os.devnull).open("wb") as nowhere:
        with pq.ParquetWriter(
            nowhere, file.schema_arrow, use_dictionary=False, compression="none", metadata_collector=written
        ) as writer:
            start = 0
            for number in range(file.metadata.num_row_groups):
                size = file.metadata.row_group(number).num_rows
                writer.write_table(rows.slice(start, size), row_group_size=max(size, 1))
                start += size
    return written[0]


def _has_statistics_of(metadata: pq.FileMetaData, expected: pq.FileMetaData, column: int) -> bool:
    """Whether the statistics of each row group, by which readers pass over rows, are those of the expected footer."""
    if metadata.num_row_groups != expected.num_row_groups:
        return False
    for number in range(metadata.num_row_groups):
        one, other = metadata.row_group(number).column(column), expected.row_group(number).column(column)
        # The type is looked at first: Arrow ends the process where statistics are of another one.
        if one.physical_type != other.physical_type or one.num_values != other.num_values:
            return False
        if _raw_statistics(one) != _raw_statistics(other):
            return False
    return True


def _raw_statistics(column: pq.ColumnChunkMetaData) -> tuple[Any, ...]:
    found = column.statistics
    return (found.null_count, found.has_min_max, found.min_raw, found.max_raw) if found else ()
