"""A file of a change log taken apart into its steps, and several joined into one; each keeps what is said of it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

import pyarrow as pa

from planion_assets.refresh.step_notes import StepNote, notes_of
from planion_assets.storage.store import NotStoredError
from planion_assets.tables.arrow.arrays import empty_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.model import History

_Read = TypeVar("_Read")

Step = tuple[StepNote | None, pa.Table]
"""What is said of a step, None in a file of older code, and its rows."""


def steps_of(rows: pa.Table) -> list[Step]:
    """The steps of a file, in their order, whose rows stand in that order too."""
    notes = notes_of(rows.schema.metadata)
    if len(notes) < 2:
        return [(notes[0] if notes else None, rows)]
    numbers = [int(number or 0) for number in rows["sequence"].to_pylist()]
    steps: list[Step] = []
    for note in notes:
        start, end = bisect_left(numbers, note.sequence), bisect_right(numbers, note.sequence)
        steps.append((note, rows.slice(start, end - start)))
    return steps


def joined_rows(history: History, files: Sequence[pa.Table]) -> pa.Table:
    """The rows of files in their order, with the schema of the history. Columns that an older file lacks are null."""
    schema = schema_of(history)
    rows = pa.concat_tables([empty_table(schema), *files], promote_options="default")
    return rows.select(schema.names).replace_schema_metadata(schema.metadata)


def read_patiently(read: Callable[[], _Read]) -> _Read:
    """What `read` gives of files that it lists: once more where some were compacted between listing and reading.

    Raises what it raises the second time.
    """
    try:
        return read()
    except NotStoredError:
        return read()
