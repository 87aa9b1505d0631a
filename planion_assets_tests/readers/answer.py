"""What a reader made of a table, in a form in which the answers of all readers can be compared.

Knows Arrow, in which every reader hands its rows over; knows no reader (readers.py) and no table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

KINDS: Mapping[pa.DataType, str] = {
    pa.string(): "text",
    pa.bool_(): "boolean",
    pa.int32(): "whole number",
    pa.float64(): "number",
    pa.date32(): "date",
    pa.timestamp("us"): "local time",
    pa.timestamp("us", tz="UTC"): "instant",
}
"""What a column of each stored type is, whatever a reader calls it."""

_QUOTED = 60  # characters of a value in a message


@dataclass(frozen=True, slots=True)
class Answer:
    """A reader's answer for one table.

    `kinds` has for each column what the reader takes it for: one of `KINDS`, or its own word for any other type.
    `rows` holds the values as `comparable` makes them, sorted.
    """

    kinds: dict[str, str]
    rows: pa.Table


def answer(kinds: Mapping[str, str], data: pa.Table) -> Answer:
    """The answer of a reader that takes the columns for `kinds` and hands over `data`."""
    columns = {name: comparable(data[name]) for name in data.column_names}
    rows = pa.table(columns)
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in columns])
    return Answer(dict(kinds), rows.take(order))


def comparable(column: "pa.ChunkedArray[Any]") -> "pa.Array[Any]":
    """A column without what readers may choose freely: how text is laid out, and in which zone instants are shown.

    Instants become microseconds since 1970 in UTC, local times microseconds since 1970-01-01 00:00 of their own clock,
    dates days since 1970, numbers their 64 bits (so that NaN equals itself and -0.0 is not 0.0). Other types stay.
    """
    array: pa.Array[Any] = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    kind = array.type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.string())
    if pa.types.is_timestamp(kind):
        return array.cast(pa.timestamp("us", kind.tz)).cast(pa.int64())
    if pa.types.is_date32(kind):
        return array.cast(pa.int32())
    return array.view(pa.int64()) if pa.types.is_float64(kind) else array


def differences(expected: Answer, found: Answer) -> list[str]:
    """Where two answers differ, a line for each column; none where they are the same."""
    if list(found.kinds) != list(expected.kinds):
        return [f"the columns are {', '.join(found.kinds)}, not {', '.join(expected.kinds)}"]
    if found.rows.num_rows != expected.rows.num_rows:
        return [f"{found.rows.num_rows} rows, not {expected.rows.num_rows}"]
    return [line for name in expected.kinds if (line := _difference(name, expected, found))]


def _difference(name: str, expected: Answer, found: Answer) -> str | None:
    if found.kinds[name] != expected.kinds[name]:
        return f"{name}: {found.kinds[name]}, not {expected.kinds[name]}"
    ours, theirs = expected.rows[name], found.rows[name]
    if theirs.null_count != ours.null_count:
        return f"{name}: {theirs.null_count} nulls, not {ours.null_count}"
    if theirs.type != ours.type:
        return f"{name}: values come as {theirs.type}, not {ours.type}"
    if theirs.equals(ours):
        return None
    pairs = zip(ours.to_pylist(), theirs.to_pylist(), strict=True)
    wrong = [(value, other) for value, other in pairs if value != other]
    value, other = wrong[0]
    return f"{name}: {len(wrong)} values differ, such as {str(other)[:_QUOTED]!r}, not {str(value)[:_QUOTED]!r}"
