"""Changes that may be handed to anybody: what they say in the place of other changes, and striking values. Pure."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from planion_assets.members import OWNER
from planion_assets.tables.arrow.arrays import make_array, rows_of
from planion_assets.tables.arrow.row_text import Address, Row, address_of
from planion_assets.tables.fields.values import json_text
from planion_assets.tables.history import ADDED, CHANGED, REMOVED, SESSION
from planion_assets.tables.model import Tracked

_FIELD_NAME = re.compile(r"(custom\d+)_name")


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
        old, new = ({part.column: getattr(part, name) for part in parts} for name in ("old", "new"))
        yield replace(parts[0], column=None, old=json_text(old), new=json_text(new), columns=json_text(list(old)))


def removed(tracked: Tracked, changes: pa.Table) -> set[Address]:
    """The addresses, before a step, of the rows of a tracked table that it removes."""
    found = changes.select(["entity", "kind", *tracked.address]).to_pylist()
    return {address_of(tracked, row) for row in found if row["entity"] == tracked.entity and row["kind"] == REMOVED}


def strike(tracked: Tracked, changes: pa.Table, gone: set[Address]) -> tuple[pa.Table, set[Address]]:
    """The changes of one step without the values of some rows: `gone` are their addresses after the step.

    Returns also their addresses before the step, but of rows that it added. Addresses are public and stay.
    """
    if not gone:
        return changes, set()
    rows = [row for row in rows_of(changes) if row["entity"] == tracked.entity]
    moved = {address_of(tracked, row): address_of(tracked, row) for row in rows if row["kind"] == CHANGED}
    for row in rows:
        if row["kind"] == CHANGED and row["column_name"] in tracked.address:
            before, place = address_of(tracked, row), tracked.address.index(row["column_name"])
            moved[before] = (*moved[before][:place], row["new"], *moved[before][place + 1 :])
    stood = {after: before for before, after in moved.items()}
    arrived = {address_of(tracked, row) for row in rows if row["kind"] == ADDED}
    hidden = {CHANGED: {stood[place] for place in gone if place in stood}, ADDED: gone & arrived, REMOVED: set()}

    def is_hidden(row: dict[str, Any]) -> bool:
        if row["entity"] != tracked.entity or row["column_name"] in tracked.address:
            return False
        return address_of(tracked, row) in hidden[row["kind"]]

    struck = _with_values(changes, lambda row, name: None if is_hidden(row) else row[name])
    return struck, {stood.get(place, place) for place in gone if place in stood or place not in arrived}


def strike_columns(changes: pa.Table, declared: Mapping[str, frozenset[str]]) -> pa.Table:
    """The changes without the values of columns that are not `declared` of their entity."""
    return _only(changes, lambda row, column: column in OWNER or column in declared[row["entity"]])


def hidden_fields(changes: pa.Table) -> dict[str, set[str]]:
    """By session the columns of the organiser's own fields of which a step takes away the name.

    Where fields are handed out by name, those are not handed out any more.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for row in changes.select(["schedid", "kind", "column_name", "old", "new"]).to_pylist():
        match = _FIELD_NAME.fullmatch(row["column_name"] or "")
        if match and row["kind"] == CHANGED and row["new"] is None and row["old"] is not None:
            found[row["schedid"]].update(match.group(0, 1))
    return found


def strike_fields(changes: pa.Table, hidden: Mapping[str, Collection[str]]) -> pa.Table:
    """The changes without the values of those columns, by session."""
    if not hidden:
        return changes
    return _only(changes, lambda row, column: row["entity"] != SESSION or column not in hidden.get(row["schedid"], ()))


def _only(changes: pa.Table, is_public: Callable[[dict[str, Any], str], bool]) -> pa.Table:
    """The changes with the values of those columns alone of which that may be told."""

    def said(row: dict[str, Any], name: str) -> str | None:
        text: str | None = row[name]
        if row["column_name"]:
            return text if is_public(row, row["column_name"]) else None
        whole = json.loads(text or "{}")
        public = {column: value for column, value in whole.items() if is_public(row, column)}
        return text if len(public) == len(whole) else json_text(public)

    return _with_values(changes, said)


def _with_values(changes: pa.Table, said: Callable[[dict[str, Any], str], str | None]) -> pa.Table:
    """The changes with the `old` and `new` that a function gives of each row; the same table where nothing differs."""
    rows = rows_of(changes)
    for name in ("old", "new"):
        values = [said(row, name) for row in rows]
        if values != changes[name].to_pylist():
            place = changes.schema.get_field_index(name)
            changes = changes.set_column(place, changes.schema.field(place), make_array(values, pa.string()))
    return changes
