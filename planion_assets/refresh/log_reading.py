"""Reading a change log: its files taken apart into steps, and what its last file says of its last step."""

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import pyarrow as pa

from planion_assets.refresh.step_notes import State, StepNote, notes_of, state_of
from planion_assets.storage.store import LogPart, NotStoredError, Provenance, StoredConference, UnreadableFileError
from planion_assets.tables.arrow.arrays import empty_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import table
from planion_assets.tables.history import FEED
from planion_assets.tables.model import History

logger = logging.getLogger(__name__)

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


def steps_backwards(
    stored: StoredConference, history: History, parts: Sequence[LogPart] | None = None
) -> Iterator[Step]:
    """The steps of a change log, the last one first: of these files, or of all. Raises as `Store.read_log` does."""
    log = history.location
    for part in reversed(stored.store.log_parts(log, stored.key) if parts is None else parts):
        yield from reversed(steps_of(stored.store.read_log(log, stored.key, part)))


def tracked_provenances(stored: StoredConference, history: History) -> dict[str, Provenance | None]:
    """By tracked table where its stored file comes from; None for one that does not say so or cannot be read."""
    footers = {one.table: stored.readable_footer(table(one.table).location) for one in history.tracked}
    return {name: footer.provenance if footer else None for name, footer in footers.items()}


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


def last_step(stored: StoredConference, history: History, last: LogPart) -> StepNote | None:
    """What the last file of a change log says of its last step; None where it cannot be read.

    A file of older code does not name the states of tables: those are taken from the stored files.
    """
    try:
        notes = notes_of(stored.store.log_metadata(history.location, stored.key, last))
    except (NotStoredError, UnreadableFileError) as error:
        logger.warning("%s: %s", stored.key, error)
        return None
    if notes:
        return notes[-1]
    states: dict[str, State] = {}
    at = None
    for name, provenance in tracked_provenances(stored, history).items():
        if provenance and last.leads_to(provenance.snapshot):
            states[name], at = state_of(provenance) or {}, provenance.fetched_at
    return StepNote(last.sequence, FEED, at, states) if at else None
