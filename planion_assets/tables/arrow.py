"""From declarations and items to Arrow: schemas, and tables built column by column.

A schema is a constant of its declaration and never depends on the data. Pure.
"""

import functools
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from planion_assets.keys import ConferenceKey
from planion_assets.tables import catalog, values
from planion_assets.tables.arrays import empty_table, make_array, repeated, values_of
from planion_assets.tables.columns import read_columns
from planion_assets.tables.items import choose
from planion_assets.tables.model import PAYLOAD, Column, ColumnOf, Declaration, FeedItem, Record, Table, Value, Zones

_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "float64": pa.float64(),
    "date32": pa.date32(),
    "timestamp[us]": pa.timestamp("us"),
    "timestamp[us, tz=UTC]": pa.timestamp("us", tz="UTC"),
}
DEFAULT_ZONES = Zones()
_OWNERS = frozenset({"account", "conference"})
_IDENTIFIERS = frozenset({"schedid", "pid"})
_EXAMPLES = 3
_EXAMPLE_CHARACTERS = 60
# Rows of a table that are held parsed at a time, and of one row group of a raw table.
_PIECE = 500
# Rows of a table of which a part is made at a time.
_PART = 8192


@dataclass(frozen=True, slots=True)
class UnreadableValues:
    """How many values of one column could not be read as its type, and up to three of them as JSON text.

    There are no examples of personal data. `schedids` names up to three sessions that have such a value.
    """

    column: str
    count: int
    examples: tuple[str, ...]
    schedids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """One table of one conference, and the values that could not be read and are null in it."""

    data: pa.Table
    unreadable: tuple[UnreadableValues, ...]

    def unreadable_json(self) -> str:
        """The unreadable values by column as JSON (`unreadable_json`)."""
        return unreadable_json(self.unreadable)


@dataclass(frozen=True, slots=True)
class RawItem:
    """A row of a raw table as the item that it was made from: a `FeedItem`, read when it is asked for."""

    digest: str
    _row: int
    _rows: pa.Table = field(repr=False)

    @property
    def payload(self) -> str:
        """JSON text as it came."""
        return str(self._rows["payload"][self._row])

    @property
    def content(self) -> Any:
        """The parsed JSON value."""
        return json.loads(self.payload)

    def member(self, name: str) -> Any:
        """A member of the content; the identifier as it was read, which costs no parsing."""
        if name in _IDENTIFIERS and name in self._rows.column_names:
            return self._rows[name][self._row].as_py()
        content = self.content
        return content.get(name) if isinstance(content, dict) else None


@functools.cache
def schema_of(table: Declaration) -> pa.Schema:
    """The declaration's Arrow schema; each field's metadata has `description`, `source` (JSON list) and `personal`."""
    return pa.schema([_field(column) for column in table.columns])


class Builder:
    """Makes the tables of one conference from the items of one endpoint, each once unless it is forgotten.

    Of those `together` are made in one pass over the items, which are parsed some at a time and let go again.
    """

    def __init__(
        self,
        key: ConferenceKey,
        items: Iterable[FeedItem],
        zones: Zones = DEFAULT_ZONES,
        together: Iterable[Table] = (),
    ) -> None:
        self._key = key
        # In an order that is not the feed's: what is noted of unreadable values must not hang on it either.
        self._items = sorted(items, key=lambda item: item.digest)
        self._together = [table for table in together if table.records]
        self.zones = zones
        self._built: dict[str, Built] = {}

    def build(self, table: Table) -> Built:
        """The rows of the table, sorted by its key, with the schema of `schema_of`."""
        if table.name not in self._built:
            if table.records:
                self._pass({table.name: table} | {other.name: other for other in self._together})
            else:
                pieces, unreadable = self.pieces(table)
                self._built[table.name] = Built(pa.concat_tables(pieces), unreadable)
        return self._built[table.name]

    def forget(self, table: Table) -> None:
        """Let go of a table that is not wanted any more; asked for again, it is made again."""
        self._built.pop(table.name, None)

    def is_large(self, table: Table) -> bool:
        """Whether the table should be taken in `pieces`: it may be all that the feed sent, or a part of much."""
        if table.rows:
            return self.build(catalog.table(table.upstream[0])).data.num_rows > _PART
        return table.of_items is not None

    def pieces(self, table: Table) -> tuple[Iterator[pa.Table], tuple[UnreadableValues, ...]]:
        """The rows of a table of items or of a part of another table, in their order, some at a time."""
        if table.rows:
            return self._of_rows(table, table.rows), ()
        records = list(table.of_items(self._items)) if table.of_items else []
        columns = [column for column in table.columns if column != PAYLOAD]
        arrays, unreadable = self._columns(columns, records)
        keys = [arrays[columns.index(table.column(name))].to_pylist() for name in table.key]
        # Items that the key does not tell apart differ in bookkeeping alone: in an order that is not the feed's.
        order = _order(keys, lambda row: str(records[row]["item"].payload))

        def pieces() -> Iterator[pa.Table]:
            for start in range(0, max(len(order), 1), _PIECE):
                rows = order[start : start + _PIECE]
                payload = make_array([records[row]["item"].payload for row in rows], pa.string())
                taken = iter([column.take(make_array(rows, pa.int64())) for column in arrays])
                whole = [payload if column == PAYLOAD else next(taken) for column in table.columns]
                yield pa.Table.from_arrays(whole, schema=schema_of(table))

        return pieces(), tuple(unreadable.values())

    def _of_rows(self, table: Table, rows: Callable[[ColumnOf], Sequence[bool]]) -> Iterator[pa.Table]:
        """Some rows and columns of the first upstream table; what could not be read is noted there."""
        sources = {name: self.build(catalog.table(name)).data for name in table.upstream}
        wanted = make_array(rows(lambda name, column: values_of(sources[name][column])), pa.bool_())
        schema = schema_of(table)
        source = sources[table.upstream[0]].select(schema.names)
        found = False
        for start in range(0, source.num_rows, _PART):
            piece = source.slice(start, _PART).filter(wanted.slice(start, _PART)).cast(schema)
            if piece.num_rows:
                found = True
                yield piece
        if not found:
            yield empty_table(schema)

    def _pass(self, tables: Mapping[str, Table]) -> None:
        """Make tables of sessions, or of people, from the items that count as such."""
        best: dict[str, list[FeedItem]] = {}
        for table in tables.values():
            if table.identifier not in best:
                best[table.identifier] = choose(self._items, table.identifier).best
        made: dict[str, list[pa.Table]] = {name: [empty_table(schema_of(table))] for name, table in tables.items()}
        unreadable: dict[str, dict[str, UnreadableValues]] = {name: {} for name in tables}
        for identifier, items in best.items():
            for start in range(0, max(len(items), 1), _PIECE):
                contents = [item.content for item in items[start : start + _PIECE]]
                for name, table in tables.items():
                    if table.records and table.identifier == identifier:
                        arrays, bad = self._columns(table.columns, list(table.records(contents)))
                        made[name].append(pa.Table.from_arrays(arrays, schema=schema_of(table)))
                        _add(unreadable[name], bad)
        for name, table in tables.items():
            data = pa.concat_tables(made.pop(name))
            self._built[name] = Built(_sorted(table, data), tuple(unreadable[name].values()))

    def _columns(
        self, columns: Sequence[Column], records: Sequence[Record]
    ) -> "tuple[list[pa.Array[Any]], dict[str, UnreadableValues]]":
        arrays: list[pa.Array[Any]] = []
        unreadable: dict[str, UnreadableValues] = {}
        read = [column for column in columns if column.name not in _OWNERS]
        found = read_columns(read, records, self.zones)
        for column in columns:
            kind = _TYPES[column.kind.arrow]
            if column.name in _OWNERS:
                arrays.append(repeated(getattr(self._key, column.name), len(records)))
                continue
            cells, bad = next(found)
            arrays.append(make_array(cells, kind))
            if bad:
                unreadable[column.name] = _unreadable(column, bad)
        return arrays, unreadable


def unreadable_json(unreadable: Iterable[UnreadableValues]) -> str:
    """Unreadable values by column as a JSON object of `count`, `examples` and `schedids`."""
    found = {
        bad.column: {"count": bad.count, "examples": list(bad.examples), "schedids": list(bad.schedids)}
        for bad in unreadable
    }
    return json.dumps(found)


def build(table: Table, key: ConferenceKey, items: Iterable[FeedItem], zones: Zones = DEFAULT_ZONES) -> Built:
    """One table alone (`Builder.build`)."""
    return Builder(key, items, zones).build(table)


def assemble(declared: Declaration, columns: Sequence[Sequence[Value]]) -> pa.Table:
    """A table from the values of each declared column, its rows sorted by the declared key."""
    schema = schema_of(declared)
    arrays = [make_array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return _sorted(declared, pa.Table.from_arrays(arrays, schema=schema))


def stored_items(raw: pa.Table) -> list[RawItem]:
    """The items of a stored raw table."""
    rows = raw.combine_chunks()
    return [RawItem(str(digest), row, rows) for row, digest in enumerate(raw["digest"].to_pylist())]


def _field(column: Column) -> "pa.Field[Any]":
    metadata = {
        "description": column.description,
        "source": json.dumps(column.source),
        "personal": str(column.personal).lower(),
    }
    return pa.field(column.name, _TYPES[column.kind.arrow], metadata=metadata)


def _unreadable(column: Column, found: list[tuple[Record, Any]]) -> UnreadableValues:
    shown = [] if column.personal else [json.dumps(value)[:_EXAMPLE_CHARACTERS] for _, value in found[:_EXAMPLES]]
    # A dict keeps the order in which the sessions come, each once.
    schedids = dict.fromkeys(_schedid(record) for record, _ in found)
    known = [schedid for schedid in schedids if schedid is not None]
    return UnreadableValues(column.name, len(found), tuple(shown), tuple(known[:_EXAMPLES]))


def _schedid(record: Record) -> str | None:
    try:
        return values.identifier(record.get("schedid"))
    except values.Unreadable:
        return None


def _add(known: dict[str, UnreadableValues], more: Mapping[str, UnreadableValues]) -> None:
    """Count the unreadable values of some more rows."""
    for name, found in more.items():
        before = known.get(name, UnreadableValues(name, 0, (), ()))
        schedids = dict.fromkeys(before.schedids + found.schedids)
        known[name] = UnreadableValues(
            name,
            before.count + found.count,
            (before.examples + found.examples)[:_EXAMPLES],
            tuple(schedids)[:_EXAMPLES],
        )


def _sorted(table: Declaration, data: pa.Table) -> pa.Table:
    """The rows by the table's key, nulls last, so that equal content gives equal bytes."""
    # Arrow's sort is stable, puts nulls last, and compares text as Python does: by code point.
    order = pc.sort_indices(data.select(table.key), sort_keys=[(name, "ascending") for name in table.key])
    return data if order.to_pylist() == list(range(len(order))) else data.take(order)


def _order(keys: Sequence[Sequence[Value]], or_else: Callable[[int], str]) -> list[int]:
    """The places of rows when they are sorted by their keys, nulls last; rows with equal keys by `or_else`."""
    ranks = list(zip(*([(value is None, value or "") for value in column] for column in keys), strict=True))
    order = sorted(range(len(ranks)), key=ranks.__getitem__)
    tied = (list(rows) for _, rows in itertools.groupby(order, ranks.__getitem__))
    return [row for rows in tied for row in (sorted(rows, key=or_else) if len(rows) > 1 else rows)]
