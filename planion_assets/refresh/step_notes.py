"""What a file of a change log says of its steps: their number, cause and time, and the tables that they lead to.

Stored as JSON in the metadata of the file (`planion.steps`). The state of a table is what its rows are a function of:
all of its provenance but the instant of reading. Which rows a step has is computed in
`planion_assets.tables.arrow.diff`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from planion_assets.storage.store import Provenance
from planion_assets.tables.arrow.schemas import TYPES

STEPS = b"planion.steps"
"""The key of a file's metadata."""
BEGUN = "begun"
"""The cause of a step that follows nothing: a reader begins there with the tables."""
DAYS = 30
"""The number of days for which a step says how many rows changed."""
State = Mapping[str, str]
"""What rows are a function of: `snapshot`, `code_version`, and `zones`, `people` and the like where they matter."""


@dataclass(frozen=True, slots=True)
class Restatement:
    """What a step restates of a table: its state before, and the columns in which rows differ.

    `schemas` are those before and after the step, where they are not the same.
    """

    before: State
    columns: Sequence[str]
    schemas: tuple[pa.Schema, pa.Schema] | None = None


@dataclass(frozen=True, slots=True)
class StepNote:
    """One step of a change log.

    `detected_at` is when the feed was read, or the tables were restated (UTC). `states` has the state of each tracked
    table after the step, `restated` what it restates by table. `days` has the number of rows that changes of the feed
    have on each day, that of the step first, as far back as that is known, and for `DAYS` at most.
    """

    sequence: int
    cause: str
    detected_at: datetime
    states: Mapping[str, State]
    restated: Mapping[str, Restatement] = field(default_factory=dict)
    days: Sequence[int] = ()


def days_after(before: StepNote | None, at: datetime, rows: int) -> tuple[int, ...]:
    """The `days` of a step at that instant whose rows are so many, after the step before it."""
    if before is None or not before.days:
        return (rows,)
    passed = (at.date() - before.detected_at.date()).days
    today, *earlier = (*[0] * min(max(passed, 0), DAYS), *before.days)
    return (today + rows, *earlier)[:DAYS]


def state_of(provenance: Provenance | None) -> State | None:
    """What the rows of a table with that provenance are a function of; None where nothing is known."""
    if provenance is None:
        return None
    return {name: value for name, value in asdict(provenance).items() if isinstance(value, str) and value}


def with_people(state: State, other: State) -> State:
    """The state with the people of the other, where both show some: those change with the feed, as a snapshot does."""
    return {**state, "people": other["people"]} if "people" in state and "people" in other else state


def notes_json(notes: Sequence[StepNote]) -> bytes:
    """The text that stands for steps."""
    return json.dumps([_said(note) for note in notes], ensure_ascii=False, separators=(",", ":")).encode()


def notes_of(metadata: Mapping[bytes, bytes] | None) -> list[StepNote]:
    """The steps in the metadata of a file, in their order; none for a file of older code."""
    try:
        return [_note(said) for said in json.loads((metadata or {})[STEPS])]
    except (KeyError, ValueError, TypeError, AttributeError):
        return []


def _said(note: StepNote) -> dict[str, Any]:
    said = {
        "sequence": note.sequence,
        "cause": note.cause,
        "detected_at": note.detected_at.isoformat(),
        "states": {table: dict(state) for table, state in note.states.items()},
    }
    restated = {table: _said_of(one) for table, one in note.restated.items()}
    return said | ({"restated": restated} if restated else {}) | ({"days": [*note.days]} if note.days else {})


def _said_of(restated: Restatement) -> dict[str, Any]:
    said = {"before": dict(restated.before), "columns": list(restated.columns)}
    return said | ({"schemas": [*map(_fields, restated.schemas)]} if restated.schemas else {})


def _note(said: Mapping[str, Any]) -> StepNote:
    restated: dict[str, Restatement] = {}
    for table, one in said.get("restated", {}).items():
        schemas = [pa.schema(map(_field, fields)) for fields in one.get("schemas", ())]
        restated[table] = Restatement(one["before"], one["columns"], (schemas[0], schemas[1]) if schemas else None)
    at = datetime.fromisoformat(said["detected_at"])
    days = tuple(map(int, said.get("days", ())))
    return StepNote(said["sequence"], said["cause"], at, said["states"], restated, days)


_NAMES = {str(kind): name for name, kind in TYPES.items()}


def _fields(schema: pa.Schema) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "type": _NAMES[str(one.type)]}
        | {name.decode(): text.decode() for name, text in (one.metadata or {}).items()}
        for one in schema
    ]


def _field(said: Mapping[str, str]) -> "pa.Field[Any]":
    metadata = {name: text for name, text in said.items() if name not in ("name", "type")}
    return pa.field(said["name"], TYPES[said["type"]], metadata=metadata)
