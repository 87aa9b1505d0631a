"""Applying the rows of `session_changes` to the tables before them: the inverse of comparing two snapshots."""

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from planion_assets.tables.arrow.arrays import values_of
from planion_assets.tables.arrow.diff import ENTITIES, spelled
from planion_assets.tables.arrow.schemas import assemble, schema_of
from planion_assets.tables.model import Table, Value
from planion_assets.tables.session_changes import ADDED, REMOVED

_OWNERS = ("account", "conference")
_Row = dict[str, str | None]
_Identity = tuple[str | None, str | None]
_State = dict[_Identity, _Row]


class MisfitError(ValueError):
    """The changes are not of the table they are applied to."""


def applied(table: Table, data: pa.Table, changes: pa.Table) -> pa.Table:
    """The table after the changes, which may be of several steps and are taken in their order.

    Raises `MisfitError` where a change is not of this table's state.
    """
    entity = next(entity for entity, declared in ENTITIES.items() if declared is table)
    owner = {name: data[name][0].as_py() for name in _OWNERS} if data.num_rows else None
    rows: _State = {_identity(row): row for row in _spelled(table, data)}
    steps: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for change in changes.to_pylist():
        if change["entity"] == entity:
            steps[change["sequence"]].append(change)
            owner = owner or {name: change[name] for name in _OWNERS}
    for number in sorted(steps):
        rows = _after(table, rows, steps[number])
    columns = []
    for column, field in zip(table.columns, schema_of(table), strict=True):
        if column.name in _OWNERS:
            columns.append([(owner or {})[column.name] for _ in rows])
        else:
            columns.append([read_back(row[column.name], field.type) for row in rows.values()])
    return assemble(table, columns)


def read_back(text: str | None, kind: pa.DataType) -> Value:
    """The value of an Arrow type that `spelled` wrote as `text`. Raises ValueError for text that it never writes."""
    if text is None or kind == pa.string():
        return text
    return _READERS[str(kind)](text)


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


def _spelled(table: Table, data: pa.Table) -> list[_Row]:
    """The rows with every value spelled, without account and conference."""
    names = [column.name for column in table.columns if column.name not in _OWNERS]
    columns = [map(spelled, values_of(data[name])) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _identity(row: _Row) -> _Identity:
    """What tells a row from all others of one state: a list has one entry in each place, whatever the feed sends."""
    return row["schedid"], row.get("position")


def _after(table: Table, rows: _State, step: list[dict[str, Any]]) -> _State:
    """The rows after the changes of one step: found by where they stood before it, kept by where they stand after."""
    rows = {identity: dict(row) for identity, row in rows.items()}
    blank: _Row = dict.fromkeys(column.name for column in table.columns if column.name not in _OWNERS)
    added: list[_Row] = []
    gone = set()
    for change in step:
        identity, column = (change["schedid"], spelled(change["position"])), change["column_name"]
        if change["kind"] == ADDED:
            added.append(blank | json.loads(change["new"]))
        elif identity not in rows:
            raise MisfitError(f"there is no row {identity} to be {change['kind']} by change {change['sequence']}")
        elif change["kind"] == REMOVED:
            gone.add(identity)
        elif column not in blank or rows[identity][column] != change["old"]:
            raise MisfitError(f"{column} of row {identity} is not what change {change['sequence']} was made from")
        else:
            rows[identity][column] = change["new"]
    result = [row for identity, row in rows.items() if identity not in gone] + added
    state = {_identity(row): row for row in result}
    if len(state) != len(result):
        raise MisfitError(f"change {step[0]['sequence']} leaves two rows in one place")
    return state
