"""From declarations to Arrow: schemas, and rows in the declared order.

A schema is a constant of its declaration and never depends on the data. Pure.
"""

import functools
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from planion_assets.tables.arrow.arrays import make_array
from planion_assets.tables.model import Column, TableSpec, Value

TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "float64": pa.float64(),
    "date32": pa.date32(),
    "timestamp[us]": pa.timestamp("us"),
    "timestamp[us, tz=UTC]": pa.timestamp("us", tz="UTC"),
}
"""Arrow's types by the names that declarations use."""


@functools.cache
def schema_of(table: TableSpec) -> pa.Schema:
    """The declaration's Arrow schema; each field's metadata has `description`, `source` (JSON list) and `personal`."""
    return pa.schema([_field(column) for column in table.columns])


def assemble(declared: TableSpec, columns: Sequence[Sequence[Value]]) -> pa.Table:
    """A table from the values of each declared column, its rows sorted by the declared key."""
    schema = schema_of(declared)
    arrays = [make_array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return in_order(declared.key, pa.Table.from_arrays(arrays, schema=schema))


def in_order(key: Sequence[str], data: pa.Table) -> pa.Table:
    """The rows by the key, nulls last, so that equal content gives equal bytes."""
    order = order_of(key, data)
    return data if order.to_pylist() == list(range(len(order))) else data.take(order)


def order_of(key: Sequence[str], data: pa.Table) -> "pa.Array[Any]":
    """The places of the rows, which need no columns but those of the key, when they are sorted by it."""
    # Imported here: a refresh that finds nothing changed sorts nothing.
    import pyarrow.compute as pc

    # Arrow's sort is stable, puts nulls last, and compares text as Python does: by code point.
    order: pa.Array[Any] = pc.sort_indices(data.select(list(key)), sort_keys=[(name, "ascending") for name in key])
    return order


def _field(column: Column) -> "pa.Field[Any]":
    metadata = {
        "description": column.description,
        "source": json.dumps(column.source),
        "personal": str(column.personal).lower(),
    }
    return pa.field(column.name, TYPES[column.kind.arrow], metadata=metadata)
