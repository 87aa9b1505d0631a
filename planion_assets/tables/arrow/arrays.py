"""Arrow arrays of Python values and back, without pandas.

pyarrow imports pandas, 45 MiB and a third of a second, with the first array or scalar that it makes of Python's values
itself, and with the first instant that it gives back; no option avoids that. So they go into buffers. Belongs here: the
types that columns have. How a value of the feed is read is in `values.py`.
"""

import itertools
from array import array as packed
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.toordinal()
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_MICROSECOND = timedelta(microseconds=1)
# The array module's name of 32 bits with sign, which say where each text ends.
_OFFSETS = "i"
_DIGITS = bytes.maketrans(b"\0\1", b"01")


def make_array(values: Sequence[Any], kind: pa.DataType) -> "pa.Array[Any]":
    """The values as an array of that type, None as null.

    Takes text, booleans, whole numbers, floats (and whole numbers for them, which are rounded beyond 2**53), dates, and
    datetimes, naive ones as UTC. Raises ValueError for values that the type cannot hold (a number beyond its bits, text
    that UTF-8 cannot say, two gibibytes of text), TypeError for values of another type, KeyError for a type that no
    column has.
    """
    accepted, make = _MAKERS[kind]
    types = {*map(type, values)} - {type(None)}
    if not types:
        return _nulls(len(values), kind)
    if not types <= accepted:
        raise TypeError(
            f"a column of type {kind} cannot hold {', '.join(sorted(one.__name__ for one in types - accepted))}"
        )
    try:
        return make(values, kind)
    except OverflowError as error:
        raise ValueError(f"{error}: no {kind} can hold it") from error


def empty_table(schema: pa.Schema) -> pa.Table:
    """A table without rows."""
    return pa.Table.from_arrays([_nulls(0, field.type) for field in schema], schema=schema)


def repeated(text: str, times: int) -> "pa.Array[Any]":
    """The same text so many times."""
    return _repeated(make_array([text], pa.string())[0], times)


def at_places(values: "pa.Array[Any]", places: "packed[int] | None") -> "pa.Array[Any]":
    """The value at each of those places, which are 32-bit numbers; the values themselves without any."""
    if places is None:
        return values
    if len(values) == 1:  # as of half of a session's columns: in a quarter of the time
        return _repeated(values[0], len(places))
    if values.null_count == len(values):  # as most columns of a conference
        return _nulls(len(places), values.type)
    return values.take(pa.Array.from_buffers(pa.int32(), len(places), [None, pa.py_buffer(places)]))


def values_of(column: "pa.ChunkedArray[Any]") -> list[Any]:
    """The values of a column of such a type, as `make_array` takes them; instants in UTC."""
    if isinstance(column.type, pa.TimestampType) and column.type.tz is not None:
        return [None if value is None else _EPOCH + timedelta(microseconds=value) for value in microseconds_of(column)]
    values: list[Any] = column.to_pylist()
    return values


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table, as `make_array` takes their values. Arrow's own `to_pylist` imports pandas for instants."""
    columns = [values_of(table[name]) for name in table.column_names]
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def microseconds_of(column: "pa.ChunkedArray[Any]") -> list[int | None]:
    """The values of a column of timestamps as microseconds since 1970: a fiftieth of the time that datetimes take."""
    return [value for chunk in column.chunks for value in chunk.view(pa.int64()).to_pylist()]


def _repeated(value: Any, times: int) -> "pa.Array[Any]":
    same: pa.Array[Any] = pa.repeat(value, times)
    return same


def _nulls(length: int, kind: Any) -> "pa.Array[Any]":
    nulls: pa.Array[Any] = pa.nulls(length, kind)
    return nulls


def _text(values: Sequence[str | None], kind: pa.DataType) -> "pa.Array[Any]":
    present: Sequence[Any] = [value or "" for value in values] if None in values else values
    text = "".join(present)
    data = text.encode()
    sizes = map(len, present) if len(data) == len(text) else (len(value.encode()) for value in present)
    del text
    ends = packed(_OFFSETS, itertools.accumulate(sizes, initial=0))
    return _of_buffers(values, kind, ends, data)


def _flags(values: Sequence[bool | None], kind: pa.DataType) -> "pa.Array[Any]":
    return _of_buffers(values, kind, _bits([value is True for value in values]))


def _numbers(code: str) -> "Callable[[Sequence[Any], pa.DataType], pa.Array[Any]]":
    def make(values: Sequence[Any], kind: pa.DataType) -> "pa.Array[Any]":
        return _of_buffers(values, kind, packed(code, [0 if value is None else value for value in values]))

    return make


def _days(values: Sequence[Any], kind: pa.DataType) -> "pa.Array[Any]":
    days = packed("i", [0 if value is None else value.toordinal() - _FIRST_DAY for value in values])
    return _of_buffers(values, kind, days)


def _instants(values: Sequence[Any], kind: pa.DataType) -> "pa.Array[Any]":
    return _of_buffers(values, kind, packed("q", [0 if value is None else _since_epoch(value) for value in values]))


def _since_epoch(when: datetime) -> int:
    return (when - (_EPOCH if when.tzinfo else _NAIVE_EPOCH)) // _MICROSECOND


def _of_buffers(values: Sequence[Any], kind: pa.DataType, *buffers: "bytes | packed[Any]") -> "pa.Array[Any]":
    nulls = values.count(None)
    known = pa.py_buffer(_bits([value is not None for value in values])) if nulls else None
    return pa.Array.from_buffers(kind, len(values), [known, *map(pa.py_buffer, buffers)], nulls)


def _bits(flags: Sequence[bool]) -> bytes:
    """A bit for each flag, the first one in the lowest bit of the first byte, as Arrow has them."""
    digits = bytes(flags).translate(_DIGITS)[::-1]
    return int(digits, 2).to_bytes(-(-len(flags) // 8), "little")


_Maker = Callable[[Sequence[Any], pa.DataType], "pa.Array[Any]"]
# By type the types of Python's values that it takes, and how an array is made of them.
_MAKERS: dict[pa.DataType, tuple[frozenset[type], _Maker]] = {
    pa.string(): (frozenset({str}), _text),
    pa.bool_(): (frozenset({bool}), _flags),
    pa.int32(): (frozenset({int}), _numbers("i")),
    pa.int64(): (frozenset({int}), _numbers("q")),
    pa.float64(): (frozenset({float, int}), _numbers("d")),
    pa.date32(): (frozenset({date}), _days),
    pa.timestamp("us"): (frozenset({datetime}), _instants),
    pa.timestamp("us", tz="UTC"): (frozenset({datetime}), _instants),
}
