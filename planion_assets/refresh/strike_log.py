"""Striking from a public change log what is not published any more, before the tables show that it is not.

A file of a change log is rewritten for nothing else. What is to be struck follows from the steps that the stored tables
do not show yet. So the next refresh completes what a stopped one has left.
"""

from collections import defaultdict
from collections.abc import Iterator

import pyarrow as pa

from planion_assets.refresh.change_log import replaced_part
from planion_assets.refresh.log_reading import Step, steps_backwards, steps_of, tracked_provenances
from planion_assets.refresh.step_notes import BEGUN, StepNote, state_of
from planion_assets.storage.file_names import log_file
from planion_assets.storage.log_parts import covered_parts
from planion_assets.storage.store import StoredConference, Writer
from planion_assets.tables.arrow import diff
from planion_assets.tables.arrow.public_changes import hidden_fields, removed, strike, strike_columns, strike_fields
from planion_assets.tables.arrow.row_text import Address
from planion_assets.tables.history import REMOVED
from planion_assets.tables.model import History, Publication


def strike_unpublished(history: History, writer: Writer) -> None:
    """Strike the values of all that the steps remove or hide which the stored tables do not show yet. Raises OSError.

    Where one of those begins anew, as after a change of the account's settings, the files before it are deleted.

    Called before those tables are written. Raises also `StoreError` where a file of the change log cannot be read.
    """
    later = list(pending_steps(history, writer))
    for note, _ in later:
        if note and note.cause == BEGUN:
            _delete_before(history, writer, note.sequence)
    if not any(_hides(note, rows) for note, rows in later):
        return
    struck = _Struck(history)
    parts = writer.store.log_parts(history.location, writer.key)
    for covered in covered_parts(writer.store.listed_parts(history.location, writer.key)):
        writer.store.files.delete(log_file(history.location, writer.key, covered))
    for part in reversed(parts):
        rows = writer.store.read_log(history.location, writer.key, part)
        allowed = struck.of(rows)
        if not allowed.equals(rows):
            writer.rewrite_part(history.location, part, replaced_part(allowed))


class _Struck:
    """The steps of a history without what is not published any more, taken from the last one to the first."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._declared = diff.declared_columns(history)
        self._gone: dict[str, set[Address]] = {tracked.entity: set() for tracked in history.tracked}
        self._hidden: dict[str, set[str]] = defaultdict(set)

    def of(self, rows: pa.Table) -> pa.Table:
        """What is still published of the rows of a file, whose metadata stays."""
        steps = [self._of_step(note, step) for note, step in reversed(steps_of(rows))]
        return pa.concat_tables(steps[::-1])

    def _of_step(self, note: StepNote | None, rows: pa.Table) -> pa.Table:
        for schedid, columns in _hidden(note, rows).items():
            self._hidden[schedid] |= columns
        struck = strike_fields(strike_columns(rows, self._declared), self._hidden)
        for tracked in self._history.tracked:
            struck, before = strike(tracked, struck, self._gone[tracked.entity])
            self._gone[tracked.entity] = before | removed(tracked, rows)
        return struck


def pending_steps(history: History, stored: StoredConference) -> Iterator[Step]:
    """The steps after the one that the stored tables show, the last one first."""
    stored_states = {name: state_of(one) for name, one in tracked_provenances(stored, history).items()}
    for note, rows in steps_backwards(stored, history):
        if note and all(note.states.get(name) == state for name, state in stored_states.items()):
            return
        yield note, rows


def _delete_before(history: History, writer: Writer, sequence: int) -> None:
    """Delete the files before a step that begins anew: they may have what is not published any more."""
    store, key = writer.store, writer.key
    earlier = [part for part in store.listed_parts(history.location, key) if part.sequence < sequence]
    if earlier:
        store.mark_lost(history.location, key, 0, sequence - 1)
    for part in earlier:
        store.files.delete(log_file(history.location, key, part))


def _hides(note: StepNote | None, rows: pa.Table) -> bool:
    """Whether a step removes rows, or a column, or hides a field."""
    restated = note.restated.values() if note else ()
    return (
        REMOVED in rows["kind"].to_pylist()
        or any(set(one.schemas[0].names) - set(one.schemas[1].names) for one in restated if one.schemas)
        or bool(_hidden(note, rows))
    )


def _hidden(note: StepNote | None, rows: pa.Table) -> dict[str, set[str]]:
    """By session the columns that a step hides, where the account publishes the organiser's own fields by name."""
    publications = {state.get("publication", "") for state in note.states.values()} if note else set()
    return hidden_fields(rows) if any(map(_is_by_name, publications)) else {}


def _is_by_name(publication: str) -> bool:
    try:
        return Publication.of_text(publication).custom_fields is not None
    except ValueError:
        return True  # of other code: what it may have hidden is struck
