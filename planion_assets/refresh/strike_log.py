"""Striking from a public change log what is not published any more, before the tables show that it is not.

A file of a change log is rewritten for nothing else. What is to be struck follows from the files alone, so a refresh
that was stopped is completed by the next one: the tables that it has not written tell it to.
"""

from collections.abc import Iterator

import pyarrow as pa

from planion_assets.refresh.change_log import replaced_part
from planion_assets.refresh.step_notes import BEGUN, notes_of, state_of
from planion_assets.storage.file_names import log_folder
from planion_assets.storage.store import LogPart, NotStoredError, StoredConference, UnreadableFileError, Writer
from planion_assets.tables.arrow import diff
from planion_assets.tables.arrow.public_changes import Address, removed, strike, strike_columns
from planion_assets.tables.catalog import table
from planion_assets.tables.history import REMOVED
from planion_assets.tables.model import History


def strike_unpublished(history: History, writer: Writer) -> None:
    """Strike the values of all that the steps remove which the stored tables do not show yet. Raises OSError.

    Where one of those begins anew, as after a change of the account's settings, the files before it are deleted.

    Called before those tables are written. Raises also `StoreError` where a file of the change log cannot be read.
    """
    later = list(_not_shown(history, writer))
    for rows in later:
        for note in notes_of(rows.schema.metadata):
            if note.cause == BEGUN:
                _delete_before(history, writer, note.sequence)
    if not any(_removes(rows) for rows in later):
        return
    gone: dict[str, set[Address]] = {tracked.entity: set() for tracked in history.tracked}
    declared = diff.declared_columns(history)
    for part in reversed(writer.store.log_parts(history.location, writer.key)):
        rows = writer.store.read_log(history.location, writer.key, part)
        struck = strike_columns(rows, declared)
        for tracked in history.tracked:
            struck, before = strike(tracked, struck, gone[tracked.entity])
            gone[tracked.entity] = before | removed(tracked, rows)
        if not struck.equals(rows):
            writer.rewrite_part(history.location, part, replaced_part(struck))


def _delete_before(history: History, writer: Writer, sequence: int) -> None:
    """Delete the files before a step that begins anew: it may be that they tell what is not to be told any more."""
    store, key = writer.store, writer.key
    earlier = [part for part in store.log_parts(history.location, key) if part.sequence < sequence]
    if earlier:
        store.mark_lost(history.location, key, 0, sequence - 1)
    for part in earlier:
        store.files.delete(f"{log_folder(history.location, key)}/{part.name}")


def _removes(rows: pa.Table) -> bool:
    """Whether a step removes rows, or a column."""
    restated = (one for note in notes_of(rows.schema.metadata) for one in note.restated.values())
    return REMOVED in rows["kind"].to_pylist() or any(
        set(one.schemas[0].names) - set(one.schemas[1].names) for one in restated if one.schemas
    )


def _not_shown(history: History, stored: StoredConference) -> Iterator[pa.Table]:
    """The steps after those that the stored tables show, the last one first."""
    shown = {tracked.table: _state(stored, tracked.table) for tracked in history.tracked}
    for part in reversed(stored.store.log_parts(history.location, stored.key)):
        rows = _rows(stored, history, part)
        last = notes_of(rows.schema.metadata)[-1:]
        if last and all(last[0].states.get(name) == state for name, state in shown.items()):
            return
        yield rows


def _rows(stored: StoredConference, history: History, part: LogPart) -> pa.Table:
    return stored.store.read_log(history.location, stored.key, part)


def _state(stored: StoredConference, name: str) -> object:
    try:
        return state_of(stored.footer(table(name).location).provenance)
    except (NotStoredError, UnreadableFileError):
        return None
