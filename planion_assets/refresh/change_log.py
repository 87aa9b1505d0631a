"""The change log `session_changes`: what each change of a conference's snapshot changes, appended, never rewritten.

Belongs here: when there is a change to record, and its number. How its file comes to be although a refresh can die at
any moment is a promise of the stores (`planion_assets.storage.writer`); which rows it holds is computed in
`planion_assets.tables.arrow.diff`.
"""

import logging
from dataclasses import dataclass

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Changes, Content, LatestChange
from planion_assets.storage.log_parts import DIGITS, NOTHING
from planion_assets.storage.store import (
    LogEnd,
    LogPart,
    NewPart,
    NotStoredError,
    Pieces,
    Store,
    StoredConference,
    UnreadableFileError,
    Writer,
)
from planion_assets.tables.arrow import diff
from planion_assets.tables.arrow.arrays import empty_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.model import Zones
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.session_changes import SESSION_CHANGES

logger = logging.getLogger(__name__)

LOGS = {SESSION_CHANGES.location: RAW_SESSIONS.location}
"""By change log the raw table whose snapshots it follows."""
ROWS = b"planion.rows"
"""The key of a file's metadata with the digest of its rows, which nothing could be derived from again."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a refresh has to record: the file for the change log, and what changes; None for each where nothing does."""

    part: NewPart | None = None
    changes: Changes | None = None


def read(store: Store, key: ConferenceKey) -> pa.Table:
    """Every change of a conference, in order, with the schema of `SESSION_CHANGES`.

    Columns that an older file lacks are null. Raises `NotStoredError` or `UnreadableFileError`.
    """
    found = store.log_parts(SESSION_CHANGES.location, key)
    if not found:
        raise _absent(store, key)
    schema = schema_of(SESSION_CHANGES)
    tables = [store.read_log(SESSION_CHANGES.location, key, part) for part in found]
    rows = pa.concat_tables([empty_table(schema), *tables], promote_options="default")
    return rows.select(schema.names).replace_schema_metadata(schema.metadata)


def latest_change(writer: Writer) -> LatestChange:
    """What a conference's history holds, by its last file. Raises `NotStoredError`."""
    store, key, log = writer.store, writer.key, SESSION_CHANGES.location
    end = writer.log_end(log)
    last = end.last
    if last is None:
        raise _absent(store, key)
    version = last.name.removesuffix(".parquet")
    return LatestChange(
        store.log_address(log, key, last), version, end.size, end.files, lambda: store.read_log(log, key, last)
    )


def changes_to_record(content: Content, writer: Writer, zones: Zones) -> Recorded:
    """What `content` changes in the stored snapshot, to be recorded when it is stored in `raw_sessions`.

    Without a snapshot to compare with, and where the last file does not lead to that snapshot, the history gets a file
    without rows, from which on it is complete. Raises OSError.
    """
    end = writer.log_end(SESSION_CHANGES.location)
    unchanged = content.before == content.digest
    leads = end.last is not None and content.before is not None and end.last.leads_to(content.before)
    if unchanged and leads:
        return Recorded()
    compared = _compared(content, writer, end, zones) if leads and not unchanged else None
    before = NOTHING if compared is None else (content.before or "")[:DIGITS]
    part = LogPart(end.following, before, content.digest[:DIGITS])
    rows = empty_table(schema_of(SESSION_CHANGES)) if compared is None else compared
    schema = rows.schema.with_metadata({ROWS: diff.rows_digest(rows)})
    file = NewPart(SESSION_CHANGES.location, RAW_SESSIONS.location, part, Pieces(schema, [rows]))
    return Recorded(file, None if unchanged else _summary(rows, first=compared is None))


def _summary(rows: pa.Table, *, first: bool) -> Changes:
    if first:
        return Changes(None, None)
    return Changes(*(diff.counts(rows, tracked) for tracked in SESSION_CHANGES.tracked))


def _compared(content: Content, stored: StoredConference, end: LogEnd, zones: Zones) -> pa.Table | None:
    """What changes from the stored snapshot to this one; None where there is none that can be compared with."""
    if content.before is None:
        return None
    step = diff.Step(end.following, content.fetched_at, content.before, content.digest)
    try:
        before = stored_items(stored.read(RAW_SESSIONS.location))
        return diff.between(stored.key, before, content.items, step, zones)
    except (UnreadableFileError, NotStoredError, KeyError, ValueError) as error:
        logger.warning("%s: what changed in %s cannot be told: %s", stored.key, RAW_SESSIONS.name, error)
        return None


def _absent(store: Store, key: ConferenceKey) -> NotStoredError:
    return NotStoredError(
        f"no {SESSION_CHANGES.name} of {key} is stored at {store.log_address(SESSION_CHANGES.location, key)}: "
        f"materialize {RAW_SESSIONS.name} first"
    )
