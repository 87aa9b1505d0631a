"""From declarations and items to Arrow: schemas, and tables built column by column.

A schema is a constant of its declaration and never depends on the data. Pure; the only module of this layer
that imports Arrow.
"""

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.tables.model import Column, FeedItem, Record, Table, Value, Zones
from planion_assets.tables.values import Unreadable

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

    There are no examples of personal data.
    """

    column: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """One table of one conference, and the values that could not be read and are null in it."""

    data: pa.Table
    unreadable: tuple[UnreadableValues, ...]

    def unreadable_json(self) -> str:
        """The unreadable values by column as a JSON object of `count` and `examples`."""
        found = {bad.column: {"count": bad.count, "examples": list(bad.examples)} for bad in self.unreadable}
        return json.dumps(found)


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item read back from `raw_sessions`: a `FeedItem`."""

    payload: str
    digest: str
    content: Any


@functools.cache
def schema_of(table: Table) -> pa.Schema:
    """The table's Arrow schema; each field's metadata has `description`, `source` (JSON list) and `personal`."""
    return pa.schema([_field(column) for column in table.columns])


def build(table: Table, key: ConferenceKey, items: Iterable[FeedItem], zones: Zones = DEFAULT_ZONES) -> Built:
    """The rows of `table` for one conference, sorted by the table's key, with the schema of `schema_of`."""
    # In an order that is not the feed's: rows that the key does not tell apart stay in it, and of items that differ
    # in nothing but bookkeeping the first is the session.
    records = list(table.records(sorted(items, key=lambda item: item.payload)))
    columns: list[list[Value]] = []
    unreadable: list[UnreadableValues] = []
    for column in table.columns:
        if column.name in ("account", "conference"):
            columns.append([getattr(key, column.name)] * len(records))
            continue
        column_values, bad = _read(column, records, zones)
        columns.append(column_values)
        if bad:
            unreadable.append(bad)
    order = _order(table, columns)
    schema = schema_of(table)
    arrays = [
        pa.array([column[i] for i in order], type=field.type) for column, field in zip(columns, schema, strict=True)
    ]
    return Built(pa.Table.from_arrays(arrays, schema=schema), tuple(unreadable))


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


def _read(column: Column, records: list[Record], zones: Zones) -> tuple[list[Value], UnreadableValues | None]:
    """A column's values, null where the feed has none or one that cannot be read."""
    result: list[Value] = []
    count = 0
    examples: list[str] = []
    for record in records:
        value, unreadable = _value(column, record, zones)
        result.append(value)
        if unreadable is not None:
            count += 1
            if len(examples) < _EXAMPLES and not column.personal:
                examples.append(json.dumps(unreadable)[:_EXAMPLE_CHARACTERS])
    return result, UnreadableValues(column.name, count, tuple(examples)) if count else None


def _value(column: Column, record: Record, zones: Zones) -> tuple[Value, Any]:
    """A column's value in a record, and what could not be read of it, if anything."""
    if column.derive:
        try:
            return column.derive(record, zones), None
        except Unreadable:
            found = {name: record[name] for name in column.source if record.get(name) is not None}
            return None, found if len(column.source) > 1 else next(iter(found.values()), None)
    unreadable = None
    for source in column.source:
        try:
            value = column.kind.read(record.get(source))
        except Unreadable:
            unreadable = record.get(source)
            continue
        if value is not None:
            return value, unreadable
    return None, unreadable


def _order(table: Table, columns: list[list[Value]]) -> list[int]:
    """Row numbers sorted by the table's key, nulls last, so that equal content gives equal bytes."""
    names = [column.name for column in table.columns]
    keys = [columns[names.index(name)] for name in table.key]

    def sort_key(row: int) -> list[tuple[bool, Any]]:
        return [(column[row] is None, "" if column[row] is None else column[row]) for column in keys]

    return sorted(range(len(columns[0])), key=sort_key)
