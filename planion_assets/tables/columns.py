"""Reading a whole column of records: each distinct value of them once, since a feed repeats itself.

Belongs here: which values a column is read from, and what cannot be read. What a single value may be is in `values.py`
and `times.py`. Pure; knows no Arrow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from planion_assets.tables.model import Column, Record, Value, Zones
from planion_assets.tables.values import Unreadable

# Types within which equal values are the same value: True equals 1 but is not read like it.
_ALIKE = (frozenset({str, type(None)}), frozenset({int, type(None)}))
# Told apart by their type they are. Not float: -0.0 equals 0.0.
_SCALARS = frozenset({str, int, bool, type(None)})

_Cell = Any  # a value of the feed, or a tuple of them for a column of several sources
_Reading = tuple[Value, Any]  # the value, and what could not be read of it, None for nothing


def read_columns(
    columns: Sequence[Column], records: Sequence[Record], zones: Zones
) -> Iterator[tuple[list[Value], list[tuple[Record, Any]]]]:
    """For each column a value per record, null where the feed has none or one that cannot be read.

    With each column's values come the unreadable ones in order, each with the record that it is of.
    """
    sources = list(dict.fromkeys(source for column in columns for source in column.source))
    rows = [tuple(map(record.get, sources)) for record in records]
    cells = dict(zip(sources, zip(*rows, strict=True) if rows else [()] * len(sources), strict=True))
    types = {source: frozenset(map(type, found)) for source, found in cells.items()}
    for column in columns:
        values, bad = _read_column(column, [cells[name] for name in column.source], types, zones)
        yield values, [(records[row], unreadable) for row, unreadable in bad]


def _read_column(
    column: Column, sources: Sequence[Sequence[Any]], types: Mapping[str, frozenset[type]], zones: Zones
) -> tuple[list[Value], list[tuple[int, Any]]]:
    cells: Sequence[_Cell] = sources[0] if len(sources) == 1 else list(zip(*sources, strict=True))
    found = [types[name] for name in column.source]
    read = _reader(column, zones)
    if all(any(kinds <= alike for alike in _ALIKE) for kinds in found):
        names: Sequence[Any] = cells
    elif len(sources) == 1 and found[0] <= _SCALARS:
        names = list(zip(map(type, cells), cells, strict=True))
    else:
        names = range(len(cells))
    values: dict[Any, Value] = {}
    bad: dict[Any, Any] = {}
    # Of equal names the cells are the same, so it does not matter which of them is read.
    for name, cell in dict(zip(names, cells, strict=True)).items():
        values[name], problem = read(cell)
        if problem is not None:
            bad[name] = problem
    unreadable = [(row, bad[name]) for row, name in enumerate(names) if name in bad] if bad else []
    return list(map(values.__getitem__, names)), unreadable


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
