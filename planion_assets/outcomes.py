"""What came of refreshing a conference: values that the assets report and the command prints.

Belongs here: the results of `planion_assets.refresh`. Knows nothing of Dagster, nor of how a refresh is made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from planion_assets.feed.snapshot import Reading
from planion_assets.keys import ConferenceKey
from planion_assets.store import Footer
from planion_assets.tables.model import FeedItem, Table


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one verified snapshot: its items, their digest, and the instant (UTC) it was first read.

    `reading` is what reading it cost; None where it came from the store. `updated_range` holds the oldest and newest
    `session_updated_at` (UTC), None where no item has one. `duplicate_items` counts the items that repeat another one's
    content, of which one is kept.
    """

    items: Sequence[FeedItem] = field(repr=False)
    digest: str
    fetched_at: datetime
    reading: Reading | None
    updated_range: tuple[datetime, datetime] | None
    duplicate_items: int


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One table as it is stored after a refresh; `written` is false where the stored file was right already.

    `load` gives its rows: reading them back is for those who need them.
    """

    table: Table
    content: Content
    footer: Footer
    written: bool
    load: Callable[[], pa.Table] = field(repr=False)

    @property
    def data(self) -> pa.Table:
        """The rows."""
        return self.load()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A table that the conference does not have, with the reason for a person: no failure, and nothing is written."""

    table: Table
    reason: str


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A conference whose `tables` show verified snapshots, one per endpoint of the feed.

    `problems` holds the reason for each endpoint beside the sessions that could not be read; its stored tables are
    untouched. `seconds` is the time it all took.
    """

    key: ConferenceKey
    tables: tuple[StoredTable, ...]
    left_out: tuple[LeftOut, ...]
    problems: tuple[str, ...]
    seconds: float

    def stored(self, table: str) -> StoredTable | None:
        """That table as it is stored; None where it was not part of the refresh."""
        return next((stored for stored in self.tables if stored.table.name == table), None)


@dataclass(frozen=True, slots=True)
class Failed:
    """A conference that could not be refreshed, with the reason for a person.

    Every stored file is whole. Where the feed was the reason none was touched; where the disk was, those written
    before show the newer snapshot, and the next refresh brings the others to it.
    """

    key: ConferenceKey
    reason: str
