"""Applying the changes of a history to the state before them, and undoing them from the state after. Pure.

A state is the rows of one tracked table, as text by column. The inverse, comparing two states, is in `diff.py`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from planion_assets.members import OWNER
from planion_assets.tables.arrow.arrays import rows_of
from planion_assets.tables.arrow.row_text import Address, Row, address_of
from planion_assets.tables.history import ADDED, CHANGED, REMOVED
from planion_assets.tables.model import Tracked

_Change = dict[str, Any]
_OPPOSITE = {ADDED: REMOVED, REMOVED: ADDED, CHANGED: CHANGED}


class MisfitError(ValueError):
    """The changes are not of the state that they are applied to, or undone from."""


def applied(tracked: Tracked, state: Iterable[Row], changes: pa.Table) -> list[Row]:
    """The rows after the changes, which may be of several steps and are taken in their order.

    Columns that a step added are in the rows that it changed, those that it took away are null in them. Of what was
    unpublished since, public changes tell no values: those are null until it is removed. Raises `MisfitError` where a
    change is not of this state.
    """
    steps = _steps(tracked, changes)
    rows = list(state)
    for number in sorted(steps):
        rows = _after(tracked, rows, steps[number], number)
    return rows


def undone(tracked: Tracked, state: Iterable[Row], changes: pa.Table) -> list[Row]:
    """The rows before the changes, which may be of several steps and are undone from the last to the first.

    Raises `MisfitError` where a change does not lead to this state.
    """
    steps = _steps(tracked, changes)
    rows = list(state)
    for number in sorted(steps, reverse=True):
        rows = _after(tracked, rows, list(_inverted(tracked, steps[number])), number)
    return rows


def _steps(tracked: Tracked, changes: pa.Table) -> Mapping[int, list[_Change]]:
    """The changes of a tracked table by step, each with the address of its row before the step."""
    steps: dict[int, list[_Change]] = defaultdict(list)
    for change in rows_of(changes):
        # A row for the whole of what changed has beside it those of the columns.
        if change["entity"] == tracked.entity and (change["kind"] != CHANGED or change["column_name"]):
            steps[change["sequence"]].append({**change, "address": address_of(tracked, change)})
    return steps


def _inverted(tracked: Tracked, step: list[_Change]) -> Iterator[_Change]:
    """The changes that lead back: a row is found by where it stands after the step."""
    moved: dict[Address, dict[str, str | None]] = defaultdict(dict)
    for change in step:
        if change["kind"] == CHANGED and change["column_name"] in tracked.address:
            moved[change["address"]][change["column_name"]] = change["new"]
    for change in step:
        address = change["address"]
        if change["kind"] == CHANGED:
            places = moved[address]
            address = tuple(places.get(name, value) for name, value in zip(tracked.address, address, strict=True))
        kind = _OPPOSITE[change["kind"]]
        yield {**change, "address": address, "kind": kind, "old": change["new"], "new": change["old"]}


def _after(tracked: Tracked, state: Iterable[Row], step: list[_Change], number: int) -> list[Row]:
    """The rows after the changes of one step: found by where they stood before it, kept by where they stand after."""
    rows = {address_of(tracked, row): dict(row) for row in state}
    added: list[Row] = []
    gone = set()
    for change in step:
        address, column = change["address"], change["column_name"]
        if change["kind"] == ADDED:
            place: Row = dict(zip(tracked.address, address, strict=True))
            whole = json.loads(change["new"]) if change["new"] else place
            added.append({name: value for name, value in whole.items() if name not in OWNER})
        elif address not in rows:
            raise MisfitError(f"there is no row {address} to be {change['kind']} by change {number}")
        elif change["kind"] == REMOVED:
            gone.add(address)
        elif rows[address].get(column) != change["old"] and (change["old"], change["new"]) != (None, None):
            raise MisfitError(f"{column} of row {address} is not what change {number} was made from")
        else:
            rows[address][column] = change["new"]
    result = [row for address, row in rows.items() if address not in gone] + added
    if len({address_of(tracked, row) for row in result}) != len(result):
        raise MisfitError(f"change {number} leaves two rows in one place")
    return result
