"""Comparing two snapshots of a conference, as rows of `session_changes`. Pure.

What the rows are called is declared in `session_changes.py`; where they are stored is no matter here.
"""

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.tables.arrow.arrays import values_of
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.schemas import assemble
from planion_assets.tables.model import FeedItem, Table, Value, Zones
from planion_assets.tables.selection import identifier_of
from planion_assets.tables.session_changes import ADDED, CHANGED, LINK, REMOVED, SESSION, SESSION_CHANGES
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS

ENTITIES: dict[str, Table] = {SESSION: SESSIONS, LINK: SESSION_SPEAKERS}
_OWNERS = ("account", "conference")
_Row = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the snapshot: its number, when it was read (UTC), the digests before and after it."""

    sequence: int
    detected_at: datetime
    before: str
    after: str


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
    rows: list[tuple[str, str, _Row, str | None, str | None, str | None]] = []
    for entity, table in ENTITIES.items():
        for one, other in _pairs(entity, _rows(table, key, old, zones), _rows(table, key, new, zones)):
            rows += [(entity, *change) for change in _changes(one, other)]
    columns: dict[str, Sequence[Value]] = {
        "account": [key.account] * len(rows),
        "conference": [key.conference] * len(rows),
        "sequence": [step.sequence] * len(rows),
        "detected_at": [step.detected_at] * len(rows),
        "entity": [entity for entity, *_ in rows],
        "kind": [kind for _, kind, *_ in rows],
        "schedid": [row["schedid"] for _, _, row, *_ in rows],
        "pslinkid": [row.get("pslinkid") for _, _, row, *_ in rows],
        "position": [position and int(position) for position in (row.get("position") for _, _, row, *_ in rows)],
        "column_name": [column for *_, column, _, _ in rows],
        "old": [value for *_, value, _ in rows],
        "new": [value for *_, value in rows],
        "snapshot_before": [step.before] * len(rows),
        "snapshot_after": [step.after] * len(rows),
    }
    return assemble(SESSION_CHANGES, [columns[column.name] for column in SESSION_CHANGES.columns])


def counts(changes: pa.Table, entity: str) -> Counts:
    """How many rows of `entity` the changes of one step add, remove and change."""
    found: dict[str, set[tuple[Any, ...]]] = {ADDED: set(), REMOVED: set(), CHANGED: set()}
    for row in changes.select(["entity", "kind", "schedid", "position"]).to_pylist():
        if row["entity"] == entity:
            found[row["kind"]].add((row["schedid"], row["position"]))
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


def spelled(value: Value) -> str | None:
    """A value as a text from which it can be read back exactly; null as None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else repr(value)


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


def _rows(table: Table, key: ConferenceKey, items: Iterable[FeedItem], zones: Zones) -> list[_Row]:
    return _spelled(table, build_table(table, key, items, zones).data)


def _spelled(table: Table, data: pa.Table) -> list[_Row]:
    """The rows with every value spelled, without account and conference."""
    names = [column.name for column in table.columns if column.name not in _OWNERS]
    columns = [map(spelled, values_of(data[name])) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _pairs(entity: str, old: list[_Row], new: list[_Row]) -> Iterator[tuple[_Row | None, _Row | None]]:
    """Each row with the one that it became; None on one side for one that was added or removed.

    A session is known by its `schedid`. A link is known by its session and `pslinkid`, or `pid` where that is blank.
    Of links that share these, those that are equal but for their place are paired first, the others as they come.
    """

    def name(row: _Row) -> tuple[str | None, ...]:
        if entity == SESSION:
            return (row["schedid"],)
        return (row["schedid"], row["pslinkid"], None if row["pslinkid"] else row["pid"])

    def content(row: _Row) -> tuple[object, ...]:
        return (*name(row), *((column, value) for column, value in row.items() if column != "position"))

    for same in (_identity_and_content, content, name):
        waiting: dict[tuple[object, ...], deque[_Row]] = defaultdict(deque)
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


def _identity_and_content(row: _Row) -> tuple[object, ...]:
    return tuple(row.values())


def _changes(old: _Row | None, new: _Row | None) -> Iterator[tuple[str, _Row, str | None, str | None, str | None]]:
    """What became of a row: kind, the row that is named, column, value before, value after."""
    if old is None and new is not None:
        yield ADDED, new, None, None, _whole(new)
    elif new is None and old is not None:
        yield REMOVED, old, None, _whole(old), None
    elif old is not None and new is not None:
        for column, value in old.items():
            if value != new[column]:
                yield CHANGED, old, column, value, new[column]


def _whole(row: _Row) -> str:
    known = {column: value for column, value in row.items() if value is not None}
    return json.dumps(known, ensure_ascii=False, separators=(",", ":"))
