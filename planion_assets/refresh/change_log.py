"""The change logs of a conference: a file for each step, which is one change of the tables that are tracked.

When there is a step to record is in `record.py`. That its file is written together with the raw table or not at all,
also if the process is killed, is a promise of the stores (`planion_assets.storage.writer`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.log_reading import joined_rows, read_patiently
from planion_assets.refresh.outcomes import LatestChange
from planion_assets.refresh.step_notes import STEPS, StepNote, notes_json, notes_of
from planion_assets.storage.log_parts import DIGITS
from planion_assets.storage.parquet_file import provenance_in
from planion_assets.storage.store import LogPart, NewPart, NotStoredError, Pieces, Provenance, Store, Writer
from planion_assets.tables import catalog
from planion_assets.tables.arrow import diff
from planion_assets.tables.model import History, Table
from planion_assets.tables.session_changes import SESSION_CHANGES

RAW_TABLES: dict[str, Table] = {
    history.name: catalog.raw_table(catalog.table(history.tracked[0].table).endpoint) for history in catalog.HISTORIES
}
"""By history the raw table whose snapshots it follows."""
LOGS = {history.location: RAW_TABLES[history.name].location for history in catalog.HISTORIES}
"""By folder of a history the folder of that raw table."""
ROWS = b"planion.rows"
"""The key of a file's metadata with the digest of its rows, which nothing could be derived from again."""


def read(store: Store, key: ConferenceKey, history: History = SESSION_CHANGES) -> pa.Table:
    """Every change of a conference, in order, with the schema of the history.

    Columns that an older file lacks are null. Raises `NotStoredError` or `UnreadableFileError`.
    """
    log = history.location
    files = read_patiently(lambda: [store.read_log(log, key, part) for part in store.log_parts(log, key)])
    if not files:
        raise _absent(store, key, history)
    return joined_rows(history, files)


def latest_change(writer: Writer, history: History = SESSION_CHANGES) -> LatestChange:
    """What a conference's history holds, by its last file. Raises `NotStoredError`."""
    store, key, log = writer.store, writer.key, history.location
    end = writer.log_end(log)
    last = end.last
    if last is None:
        raise _absent(store, key, history)
    version = last.name.removesuffix(".parquet")
    return LatestChange(
        store.log_address(log, key, last), version, end.size, end.files, lambda: store.read_log(log, key, last)
    )


def new_part(history: History, before: str, rows: pa.Table, note: StepNote, provenance: Provenance) -> NewPart:
    """The file of a step that follows `before`, the beginning of a digest; its provenance is where it leads to."""
    part = LogPart(note.sequence, before, provenance.snapshot[:DIGITS])
    steps = notes_json([note])
    schema = rows.schema.with_metadata({ROWS: log_digest(rows, steps), STEPS: steps})
    pieces = Pieces(schema, [rows]).with_notes(provenance, "{}", "")
    return NewPart(history.location, LOGS[history.location], part, pieces)


def replaced_part(rows: pa.Table) -> Pieces:
    """The content of a file of a change log that gets other rows, and says of itself what it did."""
    notes = rows.schema.metadata or {}
    digest = {ROWS: log_digest(rows, notes.get(STEPS, b""))}
    return Pieces(rows.schema.with_metadata({**notes, **digest}), [rows])


def compacted_rows(history: History, files: Sequence[pa.Table]) -> Pieces:
    """The content of a file in the place of others, in their order, with all that they say of their steps."""
    rows = joined_rows(history, files)
    *former, last = (note for one in files for note in notes_of(one.schema.metadata))
    # The days of each step include those of the step before it.
    steps = notes_json([*(replace(note, days=()) for note in former), last])
    pieces = Pieces(rows.schema.with_metadata({ROWS: log_digest(rows, steps), STEPS: steps}), [rows])
    provenance = provenance_in(files[-1].schema.metadata or {})
    return pieces.with_notes(provenance, "{}", "") if provenance else pieces


def log_digest(rows: pa.Table, steps: bytes = b"") -> str:
    """The digest of the rows of a file and of what it says of its steps, which one of older code does not."""
    digest = diff.rows_digest(rows)
    return hashlib.sha256(digest.encode() + steps).hexdigest() if steps else digest


def _absent(store: Store, key: ConferenceKey, history: History) -> NotStoredError:
    return NotStoredError(
        f"no {history.name} of {key} is stored at {store.log_address(history.location, key)}: "
        f"materialize {RAW_TABLES[history.name].name} first"
    )
