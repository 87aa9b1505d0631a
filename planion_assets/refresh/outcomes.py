"""What came of refreshing a conference: values that the assets report and the command prints."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyarrow as pa

from planion_assets.feed.snapshot import Reading
from planion_assets.keys import ConferenceKey
from planion_assets.storage.last_read import Failure
from planion_assets.storage.store import Footer
from planion_assets.tables.arrow.diff import Counts
from planion_assets.tables.model import FeedItem, Table, TableSpec


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one verified snapshot: its items, their digest, and the instant (UTC) it was first read.

    `reading` is what reading it cost; None where it came from the store. `duplicate_items` counts the items that repeat
    another one's content, of which one is kept. `before` is the digest of the snapshot that was stored when it was
    read, None where there was none. `bodies` holds the SHA-256 of the body of each page that it was read from, in
    order; none where it came from the store. Asking for an item raises `FeedError` or OSError where it cannot be read.
    """

    items: Sequence[FeedItem] = field(repr=False)
    digest: str
    fetched_at: datetime
    reading: Reading | None
    duplicate_items: int
    before: str | None = None
    bodies: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def changed(self) -> bool:
        """Whether the feed had something else than what was stored."""
        return self.reading is not None and self.digest != self.before


Load = Callable[[Sequence[str] | None], pa.Table]
"""Gives those columns of a stored table's rows, all for None; it may read the file, and raises as `Store.read` does."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One table as it is stored after a refresh; `written` is false where the stored file was right already."""

    table: Table
    content: Content
    footer: Footer
    written: bool
    load: Load = field(repr=False)

    @property
    def data(self) -> pa.Table:
        """The rows, with all columns."""
        return self.load(None)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a changed snapshot changes in `sessions` and `session_speakers`; None for both in a first snapshot."""

    sessions: Counts | None
    links: Counts | None


@dataclass(frozen=True, slots=True)
class LatestChange:
    """A conference's history by its last file, which `version` names; `files` is how many there are.

    `address` is its path or address, and `size` its bytes.
    """

    address: str
    version: str
    size: int
    files: int
    load: Callable[[], pa.Table] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A table that the conference does not have, with the reason for a person: no failure, and nothing is written."""

    table: TableSpec
    reason: str


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A conference whose `tables` show verified snapshots, one per endpoint of the feed.

    `problems` holds the reason for each endpoint, other than the sessions, that could not be read; its stored tables
    are untouched. `changes` is what changed in the feed's sessions, None where nothing did or they were not read;
    `histories` has by name those that were asked for, `restated` by table the columns that get other values from the
    same snapshot, by other code or settings. `seconds` is the time that the refresh took. `updated_range` holds the
    oldest and newest `session_updated_at` (UTC), None where no session has one. `failure_before` holds the attempts
    before this one where they failed.
    """

    key: ConferenceKey
    tables: tuple[StoredTable, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[str, ...]
    seconds: float
    changes: Changes | None = None
    histories: Mapping[str, LatestChange] = field(default_factory=dict)
    restated: Mapping[str, Sequence[str]] = field(default_factory=dict)
    updated_range: tuple[datetime, datetime] | None = None
    failure_before: Failure | None = None

    @property
    def read(self) -> bool:
        """Whether the feed was read, rather than tables derived from what was stored."""
        return any(stored.content.reading for stored in self.tables)

    @property
    def changed(self) -> bool:
        """Whether the feed, in any of its endpoints, had something else than what was stored."""
        return any(stored.content.changed for stored in self.tables)

    @property
    def state(self) -> str:
        """That in a word: changed, unchanged, derived from what was stored, or restated from it."""
        if self.changed:
            return "changed"
        return "restated" if self.restated else "unchanged" if self.read else "derived"

    def without_items(self) -> "Refreshed":
        """The tables that were not written, without the items of their snapshots: small enough to keep."""
        unwritten = [stored for stored in self.tables if not stored.written]
        tables = [replace(stored, content=replace(stored.content, items=())) for stored in unwritten]
        return replace(self, tables=tuple(tables))

    def stored(self, table: str) -> StoredTable | None:
        """That table as it is stored; None where it was not part of the refresh."""
        return next((stored for stored in self.tables if stored.table.name == table), None)


@dataclass(frozen=True, slots=True)
class Failed:
    """A conference that could not be refreshed, with the reason for a person.

    Every stored file is whole. Where the feed was the reason none was touched; where the disk was, those written
    before show the newer snapshot, and the next refresh brings the others to it. `failure_before` holds the attempts
    before this one where they failed too.
    """

    key: ConferenceKey
    reason: str
    failure_before: Failure | None = None


Outcome = Refreshed | Failed
"""What came of one conference."""
