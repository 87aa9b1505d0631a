"""The stored files of `session_changes`: one per change of a conference's snapshot, appended, never rewritten.

Belongs here: their names, their order, and how one comes to be although a refresh can die at any moment. The file is
written under a hidden name first, then `raw_sessions` is replaced, then the file gets its name. So `raw_sessions` alone
says whether a change has happened: `recover`, which every refresh calls first, publishes the hidden file that leads to
the stored snapshot and drops one that leads to a snapshot which was never stored. One process at a time may do this for
a conference. Which rows a file holds is computed in `planion_assets.tables.arrow.diff`.
"""

import contextlib
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Changes, Content, LatestChange
from planion_assets.storage.atomic_write import DAMAGED, replace, sync_directory
from planion_assets.storage.parquet_file import read_file
from planion_assets.storage.store import (
    NotStoredError,
    Pieces,
    Store,
    StoreError,
    UnreadableFileError,
)
from planion_assets.tables.arrow import diff
from planion_assets.tables.arrow.arrays import empty_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.model import Zones
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.session_changes import SESSION_CHANGES

logger = logging.getLogger(__name__)

NOTHING = "nothing"
"""Stands for the snapshot before the first one."""

ROWS = b"planion.rows"
"""The key of a file's metadata with the digest of its rows, which nothing could be derived from again."""
DIGITS = 12
"""Of a digest in a file name; the rows have them all."""
_NAME = re.compile(rf"(\d{{8,}})-({NOTHING}|[0-9a-f]+)-([0-9a-f]+)\.parquet")
_PENDING = ".pending"
MISSING = "missing"
"""The end of the name that marks numbers as missing: `<first>-<last>-missing`."""
_LOST = re.compile(rf"(\d{{1,8}})-(?:(\d{{1,8}})-{MISSING}$)?")


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A file of the history: its number within the conference, and the beginnings of the digests before and after."""

    sequence: int
    before: str
    after: str

    @property
    def name(self) -> str:
        """The name of the file, which sorts by number."""
        return f"{self.sequence:08d}-{self.before}-{self.after}.parquet"

    @property
    def pending(self) -> str:
        """The name it has until the snapshot after it is stored: hidden, and no Parquet file to any reader."""
        return f".{self.name}{_PENDING}"


def parts(store: Store, key: ConferenceKey) -> list[Part]:
    """The files of a conference's history, in order; none where there is no history."""
    try:
        found = [part_of(path.name) for path in folder(store, key).iterdir()]
    except FileNotFoundError:
        return []
    return sorted(part for part in found if part)


def lost_folder(store: Store, key: ConferenceKey) -> Path:
    """Where files of a conference's history are that were set aside because they were damaged."""
    return store.root / DAMAGED / folder(store, key).relative_to(store.root)


def lost(store: Store, key: ConferenceKey) -> list[tuple[int, int]]:
    """The first and last number of each run of changes that are known to be lost: set aside, or marked as missing."""
    try:
        names = [path.name for path in lost_folder(store, key).iterdir()]
    except OSError:
        return []
    found = (_LOST.match(name) for name in names)
    return sorted((int(match[1]), int(match[2] or match[1])) for match in found if match)


def read(store: Store, key: ConferenceKey) -> pa.Table:
    """Every change of a conference, in order, with the schema of `SESSION_CHANGES`.

    Columns that an older file lacks are null. Raises `NotStoredError` or `UnreadableFileError`.
    """
    found = parts(store, key)
    if not found:
        raise _absent(store, key)
    schema = schema_of(SESSION_CHANGES)
    tables = [read_file(folder(store, key) / part.name, "the file has been taken away") for part in found]
    rows = pa.concat_tables([empty_table(schema), *tables], promote_options="default")
    return rows.select(schema.names).replace_schema_metadata(schema.metadata)


def latest_change(store: Store, key: ConferenceKey) -> LatestChange:
    """What a conference's history holds, by its last file. Raises `NotStoredError`."""
    found = parts(store, key)
    if not found:
        raise _absent(store, key)
    path = folder(store, key) / found[-1].name
    version = found[-1].name.removesuffix(".parquet")
    return LatestChange(path, version, len(found), lambda: read_file(path, f"{path} has been taken away"))


def recover(store: Store, key: ConferenceKey) -> None:
    """Publish or drop what a refresh that died has left, as the stored `raw_sessions` says. Raises OSError."""
    where = folder(store, key)
    for leftover in where.glob(".*.tmp"):
        leftover.unlink(missing_ok=True)
    pending = sorted(where.glob(f".*{_PENDING}"))
    if not pending:
        return
    stored = _stored(store, key)
    for path in pending:
        part = part_of(path.name.removeprefix(".").removesuffix(_PENDING))
        if part and stored and part.after == stored[:DIGITS]:
            path.replace(where / part.name)
        else:
            path.unlink(missing_ok=True)
    sync_directory(where)


@contextlib.contextmanager
def record_changes(key: ConferenceKey, store: Store, content: Content, zones: Zones) -> Iterator[Changes | None]:
    """Record what `content` changes while the body stores it in `raw_sessions`; yields None for no change.

    Without a snapshot to compare with, and where the last file does not lead to that snapshot, the history gets a file
    without rows, from which on it is complete. Raises OSError, with nothing recorded that is not stored.
    """
    known = parts(store, key)
    # A number that was lost is not given again: a reader that has handled it would skip the other.
    numbers = [part.sequence for part in known[-1:]] + [last for _, last in lost(store, key)]
    following = max(numbers, default=-1) + 1
    unchanged = content.before == content.digest
    leads = bool(known) and known[-1].after == (content.before or "")[:DIGITS]
    if unchanged and leads:
        yield None
        return
    compared = _compared(store, key, content, following, zones) if leads and not unchanged else None
    before = NOTHING if compared is None else (content.before or "")[:DIGITS]
    part = Part(following, before, content.digest[:DIGITS])
    rows = empty_table(schema_of(SESSION_CHANGES)) if compared is None else compared
    schema = rows.schema.with_metadata({ROWS: diff.rows_digest(rows)})
    replace(folder(store, key) / part.pending, Pieces(schema, [rows]).write)
    try:
        yield None if unchanged else _summary(rows, first=compared is None)
    finally:
        # However the body ended: a failure after raw_sessions was replaced has changed it.
        recover(store, key)


def _summary(rows: pa.Table, *, first: bool) -> Changes:
    if first:
        return Changes(None, None)
    return Changes(*(diff.counts(rows, tracked) for tracked in SESSION_CHANGES.tracked))


def _compared(store: Store, key: ConferenceKey, content: Content, sequence: int, zones: Zones) -> pa.Table | None:
    """What changes from the stored snapshot to this one; None where there is none that can be compared with."""
    if content.before is None:
        return None
    step = diff.Step(sequence, content.fetched_at, content.before, content.digest)
    try:
        before = stored_items(store.read(RAW_SESSIONS.location, key))
        return diff.between(key, before, content.items, step, zones)
    except (UnreadableFileError, NotStoredError, KeyError, ValueError) as error:
        logger.warning("%s: what changed in %s cannot be told: %s", key, RAW_SESSIONS.name, error)
        return None


def _stored(store: Store, key: ConferenceKey) -> str | None:
    """The digest of the stored snapshot."""
    try:
        provenance = store.footer(RAW_SESSIONS.location, key).provenance
    except StoreError:
        return None
    return provenance.snapshot if provenance else None


def part_of(name: str) -> Part | None:
    """The file of that name; None for a name that is none of a history."""
    match = _NAME.fullmatch(name)
    return Part(int(match[1]), match[2], match[3]) if match else None


def folder(store: Store, key: ConferenceKey) -> Path:
    """The folder of a conference's files."""
    return store.folder(SESSION_CHANGES.location, key)


def _absent(store: Store, key: ConferenceKey) -> NotStoredError:
    return NotStoredError(
        f"no {SESSION_CHANGES.name} of {key} is stored at {folder(store, key)}: materialize {RAW_SESSIONS.name} first"
    )
