"""What one refresh does: fetch, verify, transform, write, conference by conference.

Joins the feed, the tables and the store; used by the assets. Knows nothing of Dagster: what happened comes back
as values, and each conference's outcome is logged as it ends, with the value itself as the record's `outcome`.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from planion_assets.config import ConfigError
from planion_assets.feed.client import FeedClient
from planion_assets.feed.errors import FeedError
from planion_assets.feed.snapshot import Reading, read_snapshot
from planion_assets.keys import ConferenceKey
from planion_assets.store import Footer, NotStoredError, Provenance, Store, StoreError, UnreadableFileError
from planion_assets.tables import arrow
from planion_assets.tables.items import update_range
from planion_assets.tables.model import FeedItem, Table, Zones
from planion_assets.tables.raw_sessions import RAW_SESSIONS

logger = logging.getLogger(__name__)

OpenClient = Callable[[ConferenceKey], FeedClient]
ZonesOf = Callable[[ConferenceKey], Zones]


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One table as it is stored after a refresh; `written` is false where the stored file was right already."""

    table: Table
    footer: Footer
    written: bool
    data: pa.Table = field(repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one verified snapshot: its items, their digest, and the instant (UTC) it was first read.

    `reading` is what reading it cost; None where it came from the store.
    """

    items: Sequence[FeedItem] = field(repr=False)
    digest: str
    fetched_at: datetime
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A conference whose tables all show one verified snapshot.

    `updated_range` holds the oldest and newest `session_updated_at` (UTC), None where no session has one.
    `seconds` is the time it all took.
    """

    key: ConferenceKey
    content: Content
    updated_range: tuple[datetime, datetime] | None
    tables: tuple[StoredTable, ...]
    seconds: float

    def rows(self, table: str) -> int | None:
        """Rows of that table; None where it was not part of the refresh."""
        return next((stored.footer.rows for stored in self.tables if stored.table.name == table), None)


@dataclass(frozen=True, slots=True)
class Failed:
    """A conference that could not be refreshed, with the reason for a person; its stored tables are untouched."""

    key: ConferenceKey
    reason: str


def refresh(
    keys: Iterable[ConferenceKey], tables: Sequence[Table], store: Store, open_client: OpenClient, zones_of: ZonesOf
) -> Iterator[Refreshed | Failed]:
    """Refresh one conference after the other; one that fails does not stop the others.

    With `raw_sessions` among `tables` the feed is read; without it the tables are derived from the stored
    `raw_sessions`, and `open_client` is not called. `zones_of` gives the zones that a conference's times are read in.
    """
    for key in keys:
        outcome = _outcome(key, tables, store, open_client, zones_of)
        if isinstance(outcome, Failed):
            logger.error("%s failed: %s", key, outcome.reason, extra={"outcome": outcome})
        else:
            logger.info("%s refreshed in %.1f s", key, outcome.seconds, extra={"outcome": outcome})
        yield outcome


def _outcome(
    key: ConferenceKey, tables: Sequence[Table], store: Store, open_client: OpenClient, zones_of: ZonesOf
) -> Refreshed | Failed:
    try:
        if RAW_SESSIONS in tables:
            return fetch(key, tables, store, open_client(key), zones_of(key))
        return derive(key, tables, store, zones_of(key))
    except (FeedError, StoreError, ConfigError) as error:
        return Failed(key, str(error))
    except OSError as error:
        return Failed(key, f"the data directory refused: {error}; make room or mend its permissions")
    except Exception as error:
        logger.exception("refresh of %s", key)
        return Failed(key, f"unexpected {type(error).__name__}: {error}; the log has the traceback, report it")


def fetch(key: ConferenceKey, tables: Sequence[Table], store: Store, client: FeedClient, zones: Zones) -> Refreshed:
    """Read a verified snapshot from the feed and bring the tables to it.

    Raises `FeedError` with every stored file untouched, `StoreError` or OSError.
    """
    started = time.monotonic()
    stored = _stored_provenance(store, key)
    snapshot = read_snapshot(client, key, stored.snapshot if stored else None)
    fetched_at = stored.fetched_at if stored and snapshot.unchanged else snapshot.fetched_at
    content = Content(snapshot.items, snapshot.digest, fetched_at, snapshot.reading)
    return _write(key, tables, store, content, zones=zones, started=started)


def derive(key: ConferenceKey, tables: Sequence[Table], store: Store, zones: Zones) -> Refreshed:
    """Make the tables again from the stored `raw_sessions`, without the network.

    Raises `NotStoredError` where there is none, and `UnreadableFileError` where it cannot be read.
    """
    started = time.monotonic()
    provenance = store.footer(RAW_SESSIONS.name, key).provenance
    if provenance is None:
        raise StoreError(
            f"{store.path(RAW_SESSIONS.name, key)} does not say which snapshot it holds; materialize raw_sessions again"
        )
    items = arrow.stored_items(store.read(RAW_SESSIONS.name, key))
    content = Content(items, provenance.snapshot, provenance.fetched_at, reading=None)
    return _write(key, tables, store, content, zones=zones, started=started)


def _write(
    key: ConferenceKey, tables: Sequence[Table], store: Store, content: Content, *, zones: Zones, started: float
) -> Refreshed:
    """Write the tables that do not show the content yet; all of them where nothing was fetched."""
    stored = []
    for table in tables:
        read_in = str(zones) if table.zoned else ""
        provenance = Provenance(content.digest, content.fetched_at, table.fingerprint, read_in)
        footer = _current(store, key, table, provenance) if content.reading else None
        if footer:
            stored.append(StoredTable(table, footer, False, store.read(table.name, key)))
        else:
            built = arrow.build(table, key, content.items, zones)
            written = store.write(table.name, key, built.data, provenance, built.unreadable_json())
            stored.append(StoredTable(table, written, True, built.data))
    return Refreshed(
        key=key,
        content=content,
        updated_range=update_range(content.items, zones.feed),
        tables=tuple(stored),
        seconds=time.monotonic() - started,
    )


def _current(store: Store, key: ConferenceKey, table: Table, provenance: Provenance) -> Footer | None:
    """The footer of the stored table if it was made from this snapshot by this code, else None."""
    try:
        footer = store.footer(table.name, key)
    except (NotStoredError, UnreadableFileError):
        return None
    return footer if footer.provenance == provenance else None


def _stored_provenance(store: Store, key: ConferenceKey) -> Provenance | None:
    """Where the stored `raw_sessions` comes from; None where there is none that can be trusted."""
    try:
        return store.footer(RAW_SESSIONS.name, key).provenance
    except NotStoredError:
        return None
    except UnreadableFileError as error:
        logger.warning("%s: reading the feed as if nothing were stored", error)
        return None
