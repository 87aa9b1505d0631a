"""Reading a whole column of records: each distinct value of them once, since a feed repeats itself.

Belongs here: which values a column is read from, and what cannot be read. What a single value may be is in `values.py`
and `times.py`. Pure; knows no Arrow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from planion_assets.tables.fields.values import Unreadable
from planion_assets.tables.model import Column, Record, Value, Zones

# Types within which equal values are the same value: True equals 1 but is not read like it.
_ALIKE = (frozenset({str, type(None)}), frozenset({int, type(None)}))
# Told apart by their type they are. Not float: -0.0 equals 0.0.
_SCALARS = frozenset({str, int, bool, type(None)})

_Cell = Any  # a value of the feed, or a tuple of them for a column of several sources
_Reading = tuple[Value, Any]  # the value, and what could not be read of it, None for nothing


@dataclass(frozen=True, slots=True)
class _Cells:
    """What a column is read from: for each record a name, and by name the cell, equal ones under one name."""

    names: Sequence[Any]
    distinct: Mapping[Any, _Cell]


def read_columns(
    columns: Sequence[Column], records: Sequence[Record], zones: Zones
) -> Iterator[tuple[list[Value], list[tuple[Record, Any]]]]:
    """For each column a value per record, null where the feed has none or one that cannot be read.

    With each column's values come the unreadable ones in order, each with the record that it is of.
    """
    sources = list(dict.fromkeys(source for column in columns for source in column.source))
    cells = _cells(sources, records)
    types = {source: frozenset(map(type, found)) for source, found in cells.items()}
    found: dict[tuple[str, ...], _Cells] = {}
    for column in columns:
        if column.source not in found:  # several columns are read from the same ones, each in its way
            found[column.source] = _of_sources([cells[name] for name in column.source], column.source, types)
        values, bad = _read_column(column, found[column.source], zones)
        yield values, [(records[row], unreadable) for row, unreadable in bad]


def _cells(sources: Sequence[str], records: Sequence[Record]) -> dict[str, Sequence[Any]]:
    """For each source a value per record, None where it has none. Records mostly have the members of the first one."""
    usual = [source for source in sources if records and source in records[0]]
    try:
        rows = list(map(itemgetter(*usual), records)) if len(usual) > 1 else []
    except KeyError:
        rows = []
    found: dict[str, Sequence[Any]] = dict(zip(usual, zip(*rows, strict=True), strict=True)) if rows else {}
    return found | {source: [record.get(source) for record in records] for source in sources if source not in found}


def _of_sources(sources: Sequence[Sequence[Any]], names: Sequence[str], types: Mapping[str, frozenset[type]]) -> _Cells:
    cells: Sequence[_Cell] = sources[0] if len(sources) == 1 else list(zip(*sources, strict=True))
    kinds = [types[name] for name in names]
    if all(any(kind <= alike for alike in _ALIKE) for kind in kinds):
        distinct = set(cells)
        return _Cells(cells, dict(zip(distinct, distinct, strict=True)))
    if len(sources) == 1 and kinds[0] <= _SCALARS:
        typed = list(zip(map(type, cells), cells, strict=True))
        return _Cells(typed, {name: name[1] for name in set(typed)})
    return _Cells(range(len(cells)), dict(enumerate(cells)))


def _read_column(column: Column, cells: _Cells, zones: Zones) -> tuple[list[Value], list[tuple[int, Any]]]:
    read = _reader(column, zones)
    return _shared(cells.names, {name: read(cell) for name, cell in cells.distinct.items()})


def _shared(names: Sequence[Any], readings: Mapping[Any, _Reading]) -> tuple[list[Value], list[tuple[int, Any]]]:
    """A value for each name, and what could not be read of it."""
    if len(readings) == 1:
        (value, bad) = next(iter(readings.values()))
        return [value] * len(names), [] if bad is None else [(row, bad) for row in range(len(names))]
    unreadable = {name: bad for name, (_, bad) in readings.items() if bad is not None}
    values = {name: value for name, (value, _) in readings.items()}
    rows = [(row, unreadable[name]) for row, name in enumerate(names) if name in unreadable] if unreadable else []
    return list(map(values.__getitem__, names)), rows


def _reader(column: Column, zones: Zones) -> Callable[[_Cell], _Reading]:
    """How a cell of the column is read."""
    if column.derive:
        return _derived(column, column.derive, zones)
    return _first_of_several(column) if len(column.source) > 1 else _only(column)


def _derived(column: Column, derive: Callable[[Record, Zones], Value], zones: Zones) -> Callable[[_Cell], _Reading]:
    several = len(column.source) > 1

    def read(cell: _Cell) -> _Reading:
        record = dict(zip(column.source, cell if several else (cell,), strict=True))
        try:
            return derive(record, zones), None
        except Unreadable:
            present = {name: value for name, value in record.items() if value is not None}
            return None, present if several else cell

    return read


def _only(column: Column) -> Callable[[_Cell], _Reading]:
    def read(cell: _Cell) -> _Reading:
        try:
            return column.kind.read(cell), None
        except Unreadable:
            return None, cell

    return read


def _first_of_several(column: Column) -> Callable[[_Cell], _Reading]:
    """The first source that is not blank; what could not be read before it counts all the same."""

    def read(cell: _Cell) -> _Reading:
        unreadable = None
        for part in cell:
            try:
                value = column.kind.read(part)
            except Unreadable:
                unreadable = part
                continue
            if value is not None:
                return value, unreadable
        return None, unreadable

    return read
