"""What one refresh does: fetch, verify, transform, write, conference by conference.

Joins the feed, the tables and the store; used by the assets. Knows nothing of Dagster: what happened comes back
as values (`planion_assets.outcomes`), and each conference's outcome is logged as it ends, with the value itself as the
record's `outcome`.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from planion_assets.config import ConfigError
from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import ENDPOINTS, SESSIONS
from planion_assets.feed.errors import FeedError, NotIncludedError
from planion_assets.feed.snapshot import read_snapshot
from planion_assets.keys import ConferenceKey
from planion_assets.outcomes import Content, Failed, LeftOut, Refreshed, StoredTable
from planion_assets.reads import note_read
from planion_assets.store import Footer, NotStoredError, Provenance, Store, StoreError, UnreadableFileError
from planion_assets.tables import arrow
from planion_assets.tables.catalog import raw_table
from planion_assets.tables.items import update_range
from planion_assets.tables.model import Table, Zones

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is configured for one conference: the zones its times are read in, the endpoints that are read."""

    zones: Zones = arrow.DEFAULT_ZONES
    endpoints: tuple[str, ...] = (SESSIONS.name,)


OpenClient = Callable[[ConferenceKey], FeedClient]
WishesOf = Callable[[ConferenceKey], Wishes]


def refresh(
    keys: Iterable[ConferenceKey], tables: Sequence[Table], store: Store, open_client: OpenClient, wishes_of: WishesOf
) -> Iterator[Refreshed | Failed]:
    """Refresh one conference after the other; one that fails does not stop the others.

    With an endpoint's raw table among `tables` the feed is read; without it the tables are derived from the stored
    raw table, and `open_client` is not called.
    """
    for key in keys:
        outcome = _outcome(key, tables, store, open_client, wishes_of)
        if isinstance(outcome, Failed):
            logger.error("%s failed: %s", key, outcome.reason, extra={"outcome": outcome})
        else:
            _note_read(store, outcome)
            logger.info("%s refreshed in %.1f s", key, outcome.seconds, extra={"outcome": outcome})
        yield outcome


def _outcome(
    key: ConferenceKey, tables: Sequence[Table], store: Store, open_client: OpenClient, wishes_of: WishesOf
) -> Refreshed | Failed:
    """The sessions first: where they fail the conference does, and what else it has is not asked for."""
    started = time.monotonic()
    done: list[StoredTable] = []
    left_out: list[LeftOut] = []
    problems: list[str] = []
    for endpoint in ENDPOINTS.values():
        wanted = [table for table in tables if table.endpoint == endpoint.name]
        if not wanted:
            continue
        try:
            wishes = wishes_of(key)
            if endpoint.name in wishes.endpoints:
                raw = raw_table(endpoint.name)
                if raw in wanted:
                    content = fetch(key, raw, store, open_client(key), wishes.zones)
                else:
                    content = derive(key, raw, store, wishes.zones)
                builder = arrow.Builder(key, content.items, wishes.zones)
                done += [_write(key, table, store, content, builder) for table in wanted]
            else:
                reason = f"the account's `endpoints` do not name {endpoint.name}, so the feed is not asked for them"
                left_out += [LeftOut(table, reason) for table in wanted]
            continue
        except NotIncludedError as error:
            reason = f"the contract does not include {endpoint.name}: {error}"
            if endpoint != SESSIONS:
                left_out += [LeftOut(table, reason) for table in wanted]
                continue
        except (FeedError, StoreError, ConfigError) as error:
            reason = str(error)
        except OSError as error:
            reason = f"the data directory refused: {error}; make room or mend its permissions"
        except Exception as error:
            logger.exception("refresh of %s", key)
            reason = f"unexpected {type(error).__name__}: {error}; the log has the traceback, report it"
        if endpoint == SESSIONS or not done:
            return Failed(key, reason)
        problems.append(reason)
    return Refreshed(key, tuple(done), tuple(left_out), tuple(problems), time.monotonic() - started)


def _note_read(store: Store, outcome: Refreshed) -> None:
    """Note that the sessions were read and verified, changed or not; after their tables are stored, not before."""
    if outcome.stored(raw_table(SESSIONS.name).name) is None:
        return  # derived from the stored snapshot, without the feed
    try:
        note_read(store.root, outcome.key, datetime.now(UTC))
    except OSError as error:
        # No reason to fail a conference whose tables are stored; `feed_is_read` alarms if it goes on.
        logger.warning("the read of %s could not be noted (%s): the data directory refused", outcome.key, error)


def fetch(key: ConferenceKey, raw: Table, store: Store, client: FeedClient, zones: Zones) -> Content:
    """Read a verified snapshot of the raw table's endpoint from the feed.

    Raises `FeedError` with every stored file untouched.
    """
    stored = _stored_provenance(store, raw, key)
    snapshot = read_snapshot(client, key, stored.snapshot if stored else None, ENDPOINTS[raw.endpoint])
    fetched_at = stored.fetched_at if stored and snapshot.unchanged else snapshot.fetched_at
    updated = update_range(snapshot.items, zones.feed)
    return Content(snapshot.items, snapshot.digest, fetched_at, snapshot.reading, updated)


def derive(key: ConferenceKey, raw: Table, store: Store, zones: Zones) -> Content:
    """The snapshot that the stored raw table holds, without the network.

    Raises `NotStoredError` where there is none, and `UnreadableFileError` where it cannot be read.
    """
    provenance = store.footer(raw.location, key).provenance
    if provenance is None:
        raise StoreError(
            f"{store.path(raw.location, key)} does not say which snapshot it holds; materialize {raw.name} again"
        )
    items = arrow.stored_items(store.read(raw.location, key, arrow.schema_of(raw)))
    updated = update_range(items, zones.feed)
    return Content(items, provenance.snapshot, provenance.fetched_at, None, updated)


def _write(key: ConferenceKey, table: Table, store: Store, content: Content, builder: arrow.Builder) -> StoredTable:
    """Write a table that does not show the content yet; any table where nothing was fetched."""
    read_in = str(builder.zones) if table.zoned else ""
    provenance = Provenance(content.digest, content.fetched_at, table.fingerprint, read_in)
    footer = _current(store, key, table, provenance) if content.reading else None
    if footer:
        return StoredTable(table, content, footer, False, lambda: store.read(table.location, key, footer.schema))
    built = builder.build(table)
    written = store.write(table.location, key, built.data, provenance, built.unreadable_json())
    return StoredTable(table, content, written, True, lambda: built.data)


def _current(store: Store, key: ConferenceKey, table: Table, provenance: Provenance) -> Footer | None:
    """The footer of the stored table if it was made from this snapshot by this code, else None."""
    try:
        footer = store.footer(table.location, key)
    except (NotStoredError, UnreadableFileError):
        return None
    same = footer.provenance == provenance and footer.schema.equals(arrow.schema_of(table))
    return footer if same else None


def _stored_provenance(store: Store, raw: Table, key: ConferenceKey) -> Provenance | None:
    """Where the stored raw table comes from; None where there is none that can be trusted."""
    try:
        return store.footer(raw.location, key).provenance
    except NotStoredError:
        return None
    except UnreadableFileError as error:
        logger.warning("%s: reading the feed as if nothing were stored", error)
        return None
