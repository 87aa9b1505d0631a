"""Changes that may be handed to anybody: what they say in the place of other changes, and striking values. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from planion_assets.tables.arrow.arrays import make_array, rows_of
from planion_assets.tables.arrow.row_text import OWNERS, Row, spelled
from planion_assets.tables.history import ADDED, CHANGED, REMOVED
from planion_assets.tables.model import Tracked

Address = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class RowChange:
    """What became of a row: `row` is that before the change, or the added one. Without a `column` it is a whole row.

    `columns` are all that changed, where this row is for the whole of what changed beside others for the columns.
    """

    entity: str
    kind: str
    row: Row
    column: str | None
    old: str | None
    new: str | None
    columns: str | None = None


def for_anybody(changes: Iterable[RowChange], declared: Mapping[str, frozenset[str]]) -> Iterator[RowChange]:
    """The changes without what may not be told: what is gone, and columns that are not `declared` of the entity.

    Each row of which columns changed gets a change for the whole of it.
    """
    whole: dict[int, list[RowChange]] = defaultdict(list)
    for change in changes:
        if change.kind == REMOVED or (change.column and change.column not in declared[change.entity]):
            change = replace(change, old=None)  # noqa: PLW2901
        if change.kind == CHANGED:
            whole[id(change.row)].append(change)
        yield change
    for parts in whole.values():
        columns, old, new = (
            _json(value)
            for value in (
                [part.column for part in parts],
                {part.column: part.old for part in parts},
                {part.column: part.new for part in parts},
            )
        )
        yield replace(parts[0], column=None, old=old, new=new, columns=columns)


def removed(tracked: Tracked, changes: pa.Table) -> set[Address]:
    """The rows of a tracked table that the changes of a step remove, by where they stood before it."""
    found = changes.select(["entity", "kind", *tracked.address]).to_pylist()
    return {_address(tracked, row) for row in found if row["entity"] == tracked.entity and row["kind"] == REMOVED}


def strike(tracked: Tracked, changes: pa.Table, gone: set[Address]) -> tuple[pa.Table, set[Address]]:
    """The changes of one step without the values of those rows, given by where they stand after it.

    Gives also where the rows stood before the step, without those that it added. Where rows stand is no secret.
    """
    rows = [row for row in rows_of(changes) if row["entity"] == tracked.entity]
    moved = {_address(tracked, row): _address(tracked, row) for row in rows if row["kind"] == CHANGED}
    for row in rows:
        if row["kind"] == CHANGED and row["column_name"] in tracked.address:
            before, place = _address(tracked, row), tracked.address.index(row["column_name"])
            moved[before] = (*moved[before][:place], row["new"], *moved[before][place + 1 :])
    stood = {after: before for before, after in moved.items()}
    arrived = {_address(tracked, row) for row in rows if row["kind"] == ADDED}
    hidden = {CHANGED: {stood[place] for place in gone if place in stood}, ADDED: gone & arrived, REMOVED: set()}

    def is_hidden(row: dict[str, Any]) -> bool:
        if row["entity"] != tracked.entity or row["column_name"] in tracked.address:
            return False
        return _address(tracked, row) in hidden[row["kind"]]

    struck = _without_values(changes, [is_hidden(row) for row in rows_of(changes)])
    return struck, {stood.get(place, place) for place in gone if place in stood or place not in arrived}


def strike_columns(changes: pa.Table, declared: Mapping[str, frozenset[str]]) -> pa.Table:
    """The changes without the values of columns that are not `declared` of their entity."""

    def said(row: dict[str, Any], name: str) -> str | None:
        known, text = declared[row["entity"]].union(OWNERS), row[name]
        if row["column_name"]:
            return text if row["column_name"] in known else None
        whole = json.loads(text or "{}")
        return text if known.issuperset(whole) else _json({key: whole[key] for key in whole if key in known})

    rows = rows_of(changes)
    return _with_values(changes, {name: [said(row, name) for row in rows] for name in ("old", "new")})


def _without_values(changes: pa.Table, hidden: Sequence[bool]) -> pa.Table:
    columns = {name: changes[name].to_pylist() for name in ("old", "new")}
    struck = {
        name: [None if hide else value for hide, value in zip(hidden, values, strict=True)]
        for name, values in columns.items()
    }
    return _with_values(changes, struck)


def _with_values(changes: pa.Table, columns: Mapping[str, Sequence[str | None]]) -> pa.Table:
    """The same table where nothing differs."""
    for name, values in columns.items():
        if values != changes[name].to_pylist():
            place = changes.schema.get_field_index(name)
            changes = changes.set_column(place, changes.schema.field(place), make_array(values, pa.string()))
    return changes


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _address(tracked: Tracked, row: dict[str, Any]) -> Address:
    return tuple(spelled(row[name]) for name in tracked.address)
