"""Values of tables as text and back, exactly: what the rows of a history hold as values before and after. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from planion_assets.members import OWNER
from planion_assets.tables.arrow.arrays import make_array, repeated, values_of
from planion_assets.tables.arrow.schemas import in_order
from planion_assets.tables.model import Tracked, Value

Row = dict[str, str | None]
"""A row of a table with each value as text, by column, without those of `OWNER`."""

Address = tuple[str | None, ...]
"""What tells a row of a tracked table from all others of one state, as text (`Tracked.address`)."""


def spelled(value: Value) -> str | None:
    """A value as a text from which it can be read back exactly; null as None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else repr(value)


def address_of(tracked: Tracked, row: Mapping[str, Any]) -> Address:
    """The address of a row of a tracked table, or of the row that a change names."""
    return tuple(spelled(row.get(name)) for name in tracked.address)


def read_back(text: str | None, kind: pa.DataType) -> Value:
    """The value of an Arrow type that `spelled` wrote as `text`. Raises ValueError for text that it never writes."""
    if text is None or kind == pa.string():
        return text
    return _READERS[str(kind)](text)


def spelled_rows(data: pa.Table) -> list[Row]:
    """The rows of a table, each value spelled."""
    names = [name for name in data.column_names if name not in OWNER]
    columns = [map(spelled, values_of(data[name])) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def table_of(rows: Iterable[Row], schema: pa.Schema, key: Sequence[str], owners: Mapping[str, str]) -> pa.Table:
    """The table of that schema that such rows spell, sorted by `key`; columns that a row lacks are null.

    `owners` has the values of the columns `OWNER`. Raises ValueError for text that `spelled` never writes.
    """
    rows = list(rows)
    arrays = [
        repeated(owners[field.name], len(rows))
        if field.name in OWNER
        else make_array([read_back(row.get(field.name), field.type) for row in rows], field.type)
        for field in schema
    ]
    return in_order(key, pa.Table.from_arrays(arrays, schema=schema))


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


_READERS: dict[str, Callable[[str], Value]] = {
    "bool": _boolean,
    "int32": int,
    "double": float,
    "date32[day]": date.fromisoformat,
    "timestamp[us]": datetime.fromisoformat,
    "timestamp[us, tz=UTC]": datetime.fromisoformat,
}
