"""Reading a whole column of records: each distinct value once, since a feed repeats itself.

Belongs here: which values a column is read from, and what cannot be read. What a single value may be is in `values.py`
and `times.py`. Pure; knows no Arrow.
"""

from collections.abc import Callable, Sequence
from typing import Any

from planion_assets.tables.model import Column, Record, Value, Zones
from planion_assets.tables.values import Unreadable

# Types within which equal values are the same value: True equals 1 but is not read like it.
_ALIKE = (frozenset({str, type(None)}), frozenset({int, type(None)}))
# Told apart by their type they are. Not float: -0.0 equals 0.0.
_SCALARS = frozenset({str, int, bool, type(None)})

_Cell = Any  # a value of the feed, or a tuple of them for a column of several sources
_Reading = tuple[Value, Any]  # the value, and what could not be read of it, None for nothing


def read_column(
    column: Column, records: Sequence[Record], zones: Zones
) -> tuple[list[Value], list[tuple[Record, Any]]]:
    """A value per record, null where the feed has none or one that cannot be read; and the unreadable ones in order.

    Each with the record that it is of.
    """
    sources = [[record.get(source) for record in records] for source in column.source]
    types = [frozenset(map(type, source)) for source in sources]
    cells: list[_Cell] = sources[0] if len(sources) == 1 else list(zip(*sources, strict=True))
    read = _reader(column, zones)
    if all(any(found <= alike for alike in _ALIKE) for found in types):
        readings = _read_distinct(cells, cells, read)
    elif len(sources) == 1 and types[0] <= _SCALARS:
        readings = _read_distinct(cells, list(zip(map(type, cells), cells, strict=True)), read)
    else:
        readings = [read(cell) for cell in cells]
    unreadable = [(record, bad) for record, (_, bad) in zip(records, readings, strict=True) if bad is not None]
    return [value for value, _ in readings], unreadable


def _read_distinct(cells: Sequence[_Cell], names: Sequence[Any], read: Callable[[_Cell], _Reading]) -> list[_Reading]:
    """Each distinct cell read once; `names` are hashable, one per cell, and equal only for the same cell."""
    found = {name: read(cell) for name, cell in dict(zip(names, cells, strict=True)).items()}
    return [found[name] for name in names]


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
