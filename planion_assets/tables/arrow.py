"""From declarations and items to Arrow: schemas, and tables built column by column.

A schema is a constant of its declaration and never depends on the data. Pure.
"""

import functools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.tables import catalog
from planion_assets.tables.columns import read_column
from planion_assets.tables.items import identifier_of
from planion_assets.tables.model import Column, ColumnOf, Declaration, FeedItem, Record, Table, Value, Zones

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
_EXAMPLES = 3
_EXAMPLE_CHARACTERS = 60


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
        """The unreadable values by column as a JSON object of `count`, `examples` and `schedids`."""
        found = {
            bad.column: {"count": bad.count, "examples": list(bad.examples), "schedids": list(bad.schedids)}
            for bad in self.unreadable
        }
        return json.dumps(found)


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item read back from `raw_sessions`: a `FeedItem`."""

    payload: str
    digest: str
    content: Any


@functools.cache
def schema_of(table: Declaration) -> pa.Schema:
    """The declaration's Arrow schema; each field's metadata has `description`, `source` (JSON list) and `personal`."""
    return pa.schema([_field(column) for column in table.columns])


class Builder:
    """Makes the tables of one conference from the items of one endpoint, each at most once."""

    def __init__(self, key: ConferenceKey, items: Iterable[FeedItem], zones: Zones = DEFAULT_ZONES) -> None:
        self._key = key
        # In an order that is not the feed's: rows that the key does not tell apart stay in it, and of items that differ
        # in nothing but bookkeeping the first is the session.
        self._items = sorted(items, key=lambda item: item.payload)
        self.zones = zones
        self._built: dict[str, Built] = {}

    def build(self, table: Table) -> Built:
        """The rows of the table, sorted by its key, with the schema of `schema_of`."""
        if table.name not in self._built:
            self._built[table.name] = self._part(table, table.rows) if table.rows else self._whole(table)
        return self._built[table.name]

    def _whole(self, table: Table) -> Built:
        records = list(table.records(self._items)) if table.records else []
        schema = schema_of(table)
        arrays: list[pa.Array[Any]] = []
        unreadable: list[UnreadableValues] = []
        for column, field in zip(table.columns, schema, strict=True):
            if column.name in ("account", "conference"):
                arrays.append(pa.repeat(pa.scalar(getattr(self._key, column.name), field.type), len(records)))
                continue
            found, bad = read_column(column, records, self.zones)
            arrays.append(pa.array(found, type=field.type))
            if bad:
                unreadable.append(_unreadable(column, bad))
        return Built(_sorted(table, pa.Table.from_arrays(arrays, schema=schema)), tuple(unreadable))

    def _part(self, table: Table, rows: Callable[[ColumnOf], Sequence[bool]]) -> Built:
        """Some rows and columns of the first upstream table; what could not be read is noted there."""
        sources = {name: self.build(catalog.table(name)).data for name in table.upstream}
        wanted = rows(lambda name, column: sources[name][column].to_pylist())
        schema = schema_of(table)
        chosen = sources[table.upstream[0]].select(schema.names).filter(pa.array(wanted, pa.bool_()))
        return Built(chosen.cast(schema), ())


def build(table: Table, key: ConferenceKey, items: Iterable[FeedItem], zones: Zones = DEFAULT_ZONES) -> Built:
    """One table alone (`Builder.build`)."""
    return Builder(key, items, zones).build(table)


def assemble(declared: Declaration, columns: Sequence[Sequence[Value]]) -> pa.Table:
    """A table from the values of each declared column, its rows sorted by the declared key."""
    schema = schema_of(declared)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    return _sorted(declared, pa.Table.from_arrays(arrays, schema=schema))


def stored_items(raw_sessions: pa.Table) -> list[StoredItem]:
    """The items of a stored `raw_sessions` table."""
    rows = raw_sessions.select(["payload", "digest"]).to_pylist()
    return [StoredItem(row["payload"], row["digest"], json.loads(row["payload"])) for row in rows]


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
    schedids = dict.fromkeys(identifier_of(record, "schedid") for record, _ in found)
    known = [schedid for schedid in schedids if schedid is not None]
    return UnreadableValues(column.name, len(found), tuple(shown), tuple(known[:_EXAMPLES]))


def _sorted(table: Declaration, data: pa.Table) -> pa.Table:
    """The rows by the table's key, nulls last, so that equal content gives equal bytes."""
    keys = [data[name].to_pylist() for name in table.key]
    ranks = [tuple((value is None, "" if value is None else value) for value in row) for row in zip(*keys, strict=True)]
    order = sorted(range(len(ranks)), key=ranks.__getitem__)
    return data if order == list(range(len(order))) else data.take(order)
