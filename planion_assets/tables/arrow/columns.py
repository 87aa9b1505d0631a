"""Reading a whole column of records: each distinct value of them once, since a feed repeats itself.

Belongs here: which values a column is read from, and what cannot be read. What a single value may be is in `values.py`
and `times.py`. Pure; knows no Arrow.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from planion_assets.tables.fields.values import Unreadable
from planion_assets.tables.model import Column, Record, Value, Zones

# Types within which equal values are the same value: True equals 1 but is not read like it.
_ALIKE = (frozenset({str, type(None)}), frozenset({int, type(None)}))
# Types within which equal values of the same type are the same value. Not float: -0.0 equals 0.0.
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
    sources = dict.fromkeys(source for column in columns for source in column.source)
    members = {source: [record.get(source) for record in records] for source in sources}
    found: dict[tuple[str, ...], _Cells] = {}
    for column in columns:
        if column.source not in found:  # several columns are read from the same ones, each in its way
            found[column.source] = _cells([members[source] for source in column.source])
        yield _read_column(column, found[column.source], records, zones)


def _cells(members: Sequence[Sequence[Any]]) -> _Cells:
    """The cells of a column that is read from these members of records, equal ones once where they are read alike."""
    cells = members[0] if len(members) == 1 else list(zip(*members, strict=True))
    if len(members) == 1 and _are_all_the_same_text(cells):
        return _Cells(cells[:1], array("i", bytes(4 * len(cells))))
    types = [frozenset(map(type, member)) for member in members]
    if all(any(kinds <= alike for alike in _ALIKE) for kinds in types):
        return _distinct(cells)
    if len(members) == 1 and types[0] <= _SCALARS:
        typed = _distinct(list(zip(map(type, cells), cells, strict=True)))
        return _Cells([cell for _, cell in typed.distinct], typed.places)
    return _Cells(cells, None)


def _are_all_the_same_text(cells: Sequence[Any]) -> bool:
    """Or all none, as of half of a session's members: not to look for distinct ones saves 2 % of a first refresh."""
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
    places = range(len(records)) if cells.places is None else cells.places
    found = zip(records, places, strict=True) if bad else ()
    return ReadColumn(values, cells.places, [(record, bad[place]) for record, place in found if place in bad])


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
