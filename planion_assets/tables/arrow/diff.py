"""Comparing two states of the tables that a history tracks, as rows of that history. Pure.

What the rows are called is declared in `history.py` and in the module of each history; where they are stored is no
matter here, and what they lead to is in `replay.py`.
"""

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.tables.arrow.arrays import make_array, values_of
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.public_changes import RowChange, for_anybody
from planion_assets.tables.arrow.row_text import Address, Row, address_of, read_back, spelled, spelled_rows
from planion_assets.tables.arrow.schemas import TYPES, assemble
from planion_assets.tables.catalog import table
from planion_assets.tables.fields.values import json_text
from planion_assets.tables.history import ADDED, CHANGED, FEED, REMOVED
from planion_assets.tables.model import FeedItem, History, Table, Tracked, Value, Zones
from planion_assets.tables.selection import identifier_of
from planion_assets.tables.session_changes import SESSION_CHANGES

ENTITIES: dict[str, Table] = {tracked.entity: table(tracked.table) for tracked in SESSION_CHANGES.tracked}
_FEW = 100
"""So many rows are spelled as fast as their columns are compared."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change: its number, when it was seen (UTC), the digests of the snapshots before and after it, its cause."""

    sequence: int
    detected_at: datetime
    before: str
    after: str
    cause: str = FEED


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of one table were added, removed, and changed in at least one column."""

    added: int = 0
    removed: int = 0
    changed: int = 0


def between(
    key: ConferenceKey, before: Iterable[FeedItem], after: Iterable[FeedItem], step: Step, zones: Zones
) -> pa.Table:
    """The rows of `session_changes` that lead from the items before to those after."""
    old, new = _touched(list(before), list(after))
    changes: list[RowChange] = []
    for tracked in SESSION_CHANGES.tracked:
        rows = [build_table(ENTITIES[tracked.entity], key, items, zones).data for items in (old, new)]
        changes += differences(tracked, key, rows[0], rows[1])
    return change_rows(SESSION_CHANGES, key, step, changes)


def differences(
    tracked: Tracked, key: ConferenceKey, old: pa.Table, new: pa.Table, renewed: Collection[Address] = ()
) -> list[RowChange]:
    """What leads from one state of a tracked table to another, whose columns may be others.

    Rows at the addresses `renewed` are removed and added again, also where they did not change.
    """
    if old.num_rows > _FEW and not renewed and old.schema.equals(new.schema):
        old, new = _unequal(old, new)
    states = spelled_rows(old), spelled_rows(new)
    apart = [[row for row in rows if address_of(tracked, row) in renewed] for rows in states]
    stayed = ([row for row in rows if address_of(tracked, row) not in renewed] for rows in states)
    pairs = [*_pairs(tracked, *stayed), *((row, None) for row in apart[0]), *((None, row) for row in apart[1])]
    return [RowChange(tracked.entity, *change) for pair in pairs for change in _changes(key, *pair)]


def _unequal(old: pa.Table, new: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rows of two tables with the same columns that are in one of them alone."""
    # Imported here: reading tables needs none of it.
    import pyarrow.compute as pc

    numbers = _row_numbers(pa.concat_tables([old, new]))
    of_old, of_new = numbers[: old.num_rows], numbers[old.num_rows :]
    return old.filter(pc.invert(pc.is_in(of_old, of_new))), new.filter(pc.invert(pc.is_in(of_new, of_old)))


def _row_numbers(rows: pa.Table) -> Any:
    """A number for each row, the same for equal ones. (Arrow's own grouping of rows would import pandas.)"""
    import pyarrow.compute as pc

    numbers: Any = make_array([0] * rows.num_rows, pa.int64())
    for column in rows.columns:
        values: Any = column.combine_chunks().dictionary_encode(null_encoding="encode")
        size = len(values.dictionary)
        if size > 1:  # else it tells no row from another
            pairs = pc.add(pc.multiply(numbers, make_array([size], pa.int32())[0]), values.indices)
            numbers = pairs.dictionary_encode().indices.cast(pa.int64())
    return numbers


def change_rows(history: History, key: ConferenceKey, step: Step, changes: Sequence[RowChange]) -> pa.Table:
    """The changes of one step as rows of a history; without what may not be told where that is for anybody."""
    if history.public:
        changes = list(for_anybody(changes, declared_columns(history)))
    same: dict[str, Value] = {
        "account": key.account,
        "conference": key.conference,
        "sequence": step.sequence,
        "detected_at": step.detected_at,
        "snapshot_before": step.before,
        "snapshot_after": step.after,
        "cause": step.cause,
    }
    columns: dict[str, Sequence[Value]] = {
        **{name: [value] * len(changes) for name, value in same.items()},
        "entity": [change.entity for change in changes],
        "kind": [change.kind for change in changes],
        "column_name": [change.column for change in changes],
        "changed_columns": [change.columns for change in changes],
        "old": [change.old for change in changes],
        "new": [change.new for change in changes],
    }
    for column in history.columns:
        if column.name not in columns:
            kind = TYPES[column.kind.arrow]
            columns[column.name] = [read_back(change.row.get(column.name), kind) for change in changes]
    return assemble(history, [columns[column.name] for column in history.columns])


def declared_columns(history: History) -> dict[str, frozenset[str]]:
    """By entity the columns that the tables of a history have."""
    return {one.entity: frozenset(column.name for column in table(one.table).columns) for one in history.tracked}


def counts(changes: pa.Table, tracked: Tracked) -> Counts:
    """How many rows of a tracked table the changes of one step add, remove and change."""
    found: dict[str, set[Address]] = {ADDED: set(), REMOVED: set(), CHANGED: set()}
    for row in changes.select(["entity", "kind", *tracked.address]).to_pylist():
        if row["entity"] == tracked.entity:
            found[row["kind"]].add(address_of(tracked, row))
    return Counts(len(found[ADDED]), len(found[REMOVED]), len(found[CHANGED]))


def rows_digest(rows: pa.Table) -> str:
    """SHA-256 (hex) of all columns: name, type, what they say of themselves, values.

    Nothing else tells whether a stored change is as it was written.
    """
    digest = hashlib.sha256()
    for field in rows.schema:
        said = sorted((field.metadata or {}).items())
        digest.update(repr((field.name, str(field.type), field.nullable, said)).encode())
        digest.update(json.dumps([spelled(value) for value in values_of(rows[field.name])]).encode())
    return digest.hexdigest()


def _touched(before: list[FeedItem], after: list[FeedItem]) -> tuple[list[FeedItem], list[FeedItem]]:
    """The items of those sessions of which any item differs: a session's rows are made from its own items alone."""
    old, new = ([_print(item) for item in items] for items in (before, after))
    known = set(old) & set(new)
    prints = zip((*before, *after), (*old, *new), strict=True)
    touched = {identifier_of(item, "schedid") for item, print_ in prints if print_ not in known} - {None}

    def of_touched(items: list[FeedItem]) -> list[FeedItem]:
        return [item for item in items if identifier_of(item, "schedid") in touched]

    return of_touched(before), of_touched(after)


def _print(item: FeedItem) -> bytes:
    """What stands for an item as it came, bookkeeping too, without holding all payloads at once."""
    return hashlib.sha256(item.payload.encode("utf-8", "surrogatepass")).digest()


def step_differences(
    tracked: Sequence[Tracked], key: ConferenceKey, states: Mapping[str, tuple[pa.Table, pa.Table]]
) -> dict[str, list[RowChange]]:
    """By table what leads from one state of tracked tables to another; `states` has both by table."""
    found: dict[str, list[RowChange]] = {}
    gone: dict[str, list[Row]] = defaultdict(list)
    for one in tracked:
        renewed = {address_of(one, row) for row in gone[one.derived_from]}
        found[one.table] = differences(one, key, *states[one.table], renewed)
        gone[one.entity] = [change.row for change in found[one.table] if change.kind == REMOVED]
    return found


def _pairs(tracked: Tracked, old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Each row with the one that it became; None on one side for one that was added or removed.

    Rows become those of the same identity. Of links that share one, those that are equal but for their place are paired
    first, the others as they come.
    """

    def content(row: Row) -> tuple[object, ...]:
        place = (*tracked.address[1:], "display_position")
        return (*tracked.identity(row), *((column, value) for column, value in row.items() if column not in place))

    for same in (lambda row: tuple(row.values()), content, tracked.identity):
        waiting: dict[tuple[object, ...], deque[Row]] = defaultdict(deque)
        for row in new:
            waiting[same(row)].append(row)
        rest = []
        for row in old:
            if waiting[same(row)]:
                yield row, waiting[same(row)].popleft()
            else:
                rest.append(row)
        old, new = rest, [row for rows in waiting.values() for row in rows]
    yield from ((row, None) for row in old)
    yield from ((None, row) for row in new)


def _changes(
    key: ConferenceKey, old: Row | None, new: Row | None
) -> Iterator[tuple[str, Row, str | None, str | None, str | None]]:
    """What became of a row: kind, the row that is named, column, value before, value after."""
    if old is None and new is not None:
        yield ADDED, new, None, None, _whole_row(key, new)
    elif new is None and old is not None:
        yield REMOVED, old, None, _whole_row(key, old), None
    elif old is not None and new is not None:
        for column in old | new:
            if old.get(column) != new.get(column):
                yield CHANGED, old, column, old.get(column), new.get(column)


def _whole_row(key: ConferenceKey, row: Row) -> str | None:
    """A row as the JSON that stands for it as a whole."""
    known = {column: value for column, value in row.items() if value is not None}
    return json_text({"account": key.account, "conference": key.conference} | known)
