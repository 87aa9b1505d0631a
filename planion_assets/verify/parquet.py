"""One Parquet file read whole: its rows, and what its footer says wrongly of them.

Checksums are of pages: no checksum of Parquet covers a footer, so what it says is compared with the rows. What the rows
should be is not known here.
"""

import functools
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.storage.parquet_file import NOTES, NOTES_DIGEST, Footer, footer_of, notes_digest, opened
from planion_assets.tables.arrow import builder as arrow
from planion_assets.tables.model import TableSpec

_MAGIC = b"PAR1"
_LONGEST = 4096  # bytes of a text in statistics
_END = 8  # bytes: the length of the footer, and the magic bytes again
_WRITER = "parquet-cpp-arrow"  # what Arrow calls itself, in every version


@dataclass(frozen=True, slots=True)
class WholeFile:
    """The rows of a file, its footer, and what is wrong with it, in words for a person."""

    rows: pa.Table
    footer: Footer
    problems: tuple[str, ...]


def read_whole(path: Path, declared: TableSpec, notes: Iterable[bytes] = ()) -> WholeFile:
    """Read all of a file of a table, each page against its checksum. `notes` names more metadata that it may have.

    Raises `NotStoredError`, `UnreadableFileError` or OSError.
    """
    with opened(path, f"{path} is missing") as file:
        rows = file.read()
        rows.validate(full=True)
        footer = footer_of(path, file)
        return WholeFile(rows, footer, tuple(_problems(path, file, rows, declared, frozenset(notes))))


def as_declared(schema: pa.Schema, declared: TableSpec) -> bool:
    """Whether a schema is the declared one, what its fields say of themselves included."""
    return schema.with_metadata({}).equals(arrow.schema_of(declared).with_metadata({}), check_metadata=True)


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
    told = [f"{name} in {count} of {start} rows" for name, count in columns.items() if count]
    if not told:
        return None
    more = f" and {len(told) - 3} more columns" if len(told) > 3 else ""
    return f"it has other values than the snapshot gives: {', '.join(told[:3])}{more}"


def _unequal(one: "pa.ChunkedArray[Any]", other: "pa.ChunkedArray[Any]") -> int:
    if one.equals(other):
        return 0
    return sum(left != right for left, right in zip(one.to_pylist(), other.to_pylist(), strict=True))


def _problems(
    path: Path, file: pq.ParquetFile, rows: pa.Table, declared: TableSpec, more: frozenset[bytes]
) -> Iterator[str]:
    if not _is_all_told_of(path, file):
        yield "it holds bytes that its footer does not tell of"
    schema = file.schema_arrow
    notes = schema.metadata or {}
    if not str(file.metadata.created_by).startswith(_WRITER) or set(notes) - NOTES - more:
        yield "it was written by another tool"
    if notes.get(NOTES_DIGEST, notes_digest(notes)) != notes_digest(notes):
        yield "its metadata was changed"
    if as_declared(schema, declared) and not file.schema.equals(_parquet_schema(declared)):
        yield "its footer declares other Parquet types than its columns have"
    if file.metadata.num_rows != rows.num_rows:
        yield f"its footer counts {file.metadata.num_rows} rows and it has {rows.num_rows}"
    else:
        # Of a column of another type nothing more needs to be said.
        types = {field.name: field.type for field in arrow.schema_of(declared)}
        known = [place for place, field in enumerate(rows.schema) if types.get(field.name) == field.type]
        wrong = [rows.column_names[place] for place in known if not _is_told_rightly(file, rows, place)]
        if wrong:
            yield f"its footer has wrong statistics of {', '.join(wrong[:3])}"


def _is_all_told_of(path: Path, file: pq.ParquetFile) -> bool:
    """Whether a file is its beginning, the pages of its columns, and its footer, and nothing else."""
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    pages = sum(group.column(column).total_compressed_size for group in groups for column in range(group.num_columns))
    with path.open("rb") as bytes_:
        beginning = bytes_.read(len(_MAGIC))
        bytes_.seek(-_END, os.SEEK_END)
        footer = int.from_bytes(bytes_.read(4), "little")
        return beginning == _MAGIC and bytes_.tell() + 4 == len(_MAGIC) + pages + footer + _END


@functools.cache
def _parquet_schema(declared: TableSpec) -> pq.ParquetSchema:
    """What Arrow makes of the declared schema in a file."""
    empty = io.BytesIO()
    pq.ParquetWriter(empty, arrow.schema_of(declared)).close()
    return pq.ParquetFile(io.BytesIO(empty.getvalue())).schema


def _has_no_extremes(least: object, greatest: object) -> bool:
    """Whether Arrow leaves these out of statistics: there are none, or they are long texts."""
    return least is None or any(
        isinstance(value, str) and len(value.encode()) > _LONGEST for value in (least, greatest)
    )


def _is_told_rightly(file: pq.ParquetFile, rows: pa.Table, column: int) -> bool:
    """Whether the extremes and counts of each row group, by which readers pass over rows, are those of its rows."""
    import pyarrow.compute as pc

    start = 0
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        values = rows.column(column).slice(start, group.num_rows)
        start += group.num_rows
        if group.column(column).physical_type != file.schema.column(column).physical_type:
            return False  # looked at first: Arrow ends the process where statistics are of another type
        told = group.column(column).statistics
        if told is None or group.column(column).num_values != len(values):
            if len(values):
                return False
            continue
        if told.null_count != values.null_count:
            return False
        try:
            min_max: Any = pc.min_max(values).as_py()
            least, greatest = min_max["min"], min_max["max"]
            right = (told.min, told.max) == (least, greatest) if told.has_min_max else _has_no_extremes(least, greatest)
        except (ValueError, OverflowError):  # an instant or a text that is none
            return False
        if not right:
            return False
    return start == rows.num_rows
