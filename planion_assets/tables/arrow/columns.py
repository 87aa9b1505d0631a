"""Reading a whole column of records: each distinct value of them once, since a feed repeats itself.

Belongs here: which values a column is read from, and what cannot be read. What a single value may be is in `values.py`
and `times.py`. Pure; knows no Arrow.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

from planion_assets.tables.fields.values import Unreadable
from planion_assets.tables.model import Column, Record, Value, Zones

# Types within which equal values are the same value, of which nothing else equals a text: True equals 1 but is not read
# like it.
_TEXTS = frozenset({str, type(None)})
_ALIKE = (_TEXTS, frozenset({int, type(None)}))
# Told apart by their type they are. Not float: -0.0 equals 0.0.
_SCALARS = frozenset({str, int, bool, type(None)})

_Cell = Any  # a value of the feed, or a tuple of them for a column of several sources


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """What a column holds: its `values`, null where the feed has none or one that cannot be read.

    `places` has for each record the place of its value among them, as 32-bit numbers; None where there is a value for
    each record, in their order. With the `unreadable` values comes the record that each is of, in order.
    """

    values: Sequence[Value]
    places: "array[int] | None"
    unreadable: Sequence[tuple[Record, Any]]


@dataclass(frozen=True, slots=True)
class _Cells:
    """What a column is read from: `distinct` cells, and for each record the place of its own, as in `ReadColumn`."""

    distinct: Sequence[_Cell]
    places: "array[int] | None"


def read_columns(columns: Sequence[Column], records: Sequence[Record], zones: Zones) -> Iterator[ReadColumn]:
    """Each column of the records in turn."""
    cells = _Sources(list(dict.fromkeys(source for column in columns for source in column.source)), records)
    found: dict[tuple[str, ...], _Cells] = {}
    for column in columns:
        if column.source not in found:  # several columns are read from the same ones, each in its way
            found[column.source] = cells.of(column.source)
        yield _read_column(column, found[column.source], records, zones)


class _Sources:
    """The cells of each member of records that a column is read from."""

    def __init__(self, sources: Sequence[str], records: Sequence[Record]) -> None:
        self._cells = _cells(sources, records)
        self._uniform = {name for name, cells in self._cells.items() if _is_uniform(cells)}

    def of(self, sources: Sequence[str]) -> _Cells:
        """The cells of a column of these sources, equal ones once where they are read alike."""
        columns = [self._cells[name] for name in sources]
        cells: Sequence[_Cell] = columns[0] if len(sources) == 1 else list(zip(*columns, strict=True))
        if cells and self._uniform.issuperset(sources):
            return _Cells(cells[:1], array("i", bytes(4 * len(cells))))
        try:
            found = _distinct(cells)
        except TypeError:  # an object or a list
            return _Cells(cells, None)
        parts = [found.distinct] if len(sources) == 1 else zip(*found.distinct, strict=True)
        if all(_TEXTS.issuperset(map(type, part)) for part in parts):
            return found
        types = [frozenset(map(type, column)) for column in columns]
        if all(any(kind <= alike for alike in _ALIKE) for kind in types):
            return found
        if len(sources) == 1 and types[0] <= _SCALARS:
            typed = _distinct(list(zip(map(type, cells), cells, strict=True)))
            return _Cells([cell for _, cell in typed.distinct], typed.places)
        return _Cells(cells, None)


def _cells(sources: Sequence[str], records: Sequence[Record]) -> dict[str, Sequence[Any]]:
    """For each source a value per record, None where it has none. Records mostly have the members of the first one."""
    usual = [source for source in sources if records and source in records[0]]
    try:
        rows = list(map(itemgetter(*usual), records)) if len(usual) > 1 else []
    except KeyError:
        common = set(usual).intersection(*records)
        usual = [source for source in usual if source in common]
        rows = list(map(itemgetter(*usual), records)) if len(usual) > 1 else []
    found: dict[str, Sequence[Any]] = dict(zip(usual, zip(*rows, strict=True), strict=True)) if rows else {}
    return found | {source: [record.get(source) for record in records] for source in sources if source not in found}


def _is_uniform(cells: Sequence[Any]) -> bool:
    """Whether all cells are the same text or all are none, as of half of a session's members: told in a fifth of the
    time of finding out which are distinct."""
    return (
        bool(cells)
        and (cells[0] is None or type(cells[0]) is str)
        and cells[-1] == cells[0]
        and cells.count(cells[0]) == len(cells)
    )


def _distinct(cells: Sequence[_Cell]) -> _Cells:
    distinct = dict.fromkeys(cells)
    if len(distinct) == len(cells):
        return _Cells(cells, None)
    place = dict(zip(distinct, range(len(distinct)), strict=True))
    return _Cells(list(distinct), array("i", list(map(place.__getitem__, cells))))


def _read_column(column: Column, cells: _Cells, records: Sequence[Record], zones: Zones) -> ReadColumn:
    several = len(column.source) > 1 and not column.derive
    values, bad = _first_of_several(column, cells.distinct) if several else _read_cells(column, cells.distinct, zones)
    if not bad:
        return ReadColumn(values, cells.places, ())
    places = range(len(records)) if cells.places is None else cells.places
    unreadable = [(record, bad[place]) for record, place in zip(records, places, strict=True) if place in bad]
    return ReadColumn(values, cells.places, unreadable)


def _read_cells(column: Column, cells: Sequence[_Cell], zones: Zones) -> tuple[list[Value], dict[int, Any]]:
    """A value for each cell, and by place what could not be read."""
    read, derive, is_one = column.kind.read, column.derive, len(column.source) == 1
    if derive:
        read = partial(derive, zones) if is_one else lambda cell: derive(zones, *cell)
    values: list[Value] = []
    bad: dict[int, Any] = {}
    for place, cell in enumerate(cells):
        try:
            values.append(read(cell))
        except Unreadable:
            values.append(None)
            bad[place] = cell if is_one else _present(column.source, cell)
    return values, bad


def _present(sources: Sequence[str], cell: Sequence[Any]) -> dict[str, Any]:
    return {name: value for name, value in zip(sources, cell, strict=True) if value is not None}


def _first_of_several(column: Column, cells: Sequence[Sequence[Any]]) -> tuple[list[Value], dict[int, Any]]:
    """The first source that is not blank; what could not be read before it counts all the same."""
    values: list[Value] = []
    bad: dict[int, Any] = {}
    for place, cell in enumerate(cells):
        value = None
        for part in cell:
            try:
                value = column.kind.read(part)
            except Unreadable:
                bad[place] = part
                continue
            if value is not None:
                break
        values.append(value)
    return values, bad
