"""The snapshot that a refresh stores: fetched from the feed, or derived from the stored raw table."""

import logging

from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import ENDPOINTS
from planion_assets.feed.known_pages import KnownPages
from planion_assets.feed.snapshot import read_snapshot
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Content
from planion_assets.refresh.plan import provenance_of
from planion_assets.refresh.shrink import check_not_shrunk
from planion_assets.storage.page_digests import PageDigests
from planion_assets.storage.store import Footer, NotStoredError, Store, StoreError, UnreadableFileError
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.model import Table
from planion_assets.tables.selection import duplicates

logger = logging.getLogger(__name__)


def fetch(key: ConferenceKey, raw: Table, store: Store, client: FeedClient, options: RefreshOptions) -> Content:
    """Read a verified snapshot of the raw table's endpoint from the feed.

    Raises `FeedError` with every stored file untouched.
    """
    footer = _stored_footer(store, raw, key)
    stored = footer.provenance if footer else None
    digests = _page_digests(footer, raw, options)
    before = stored.snapshot if stored else None
    known = KnownPages(before, digests.bodies, footer.rows) if footer and before and digests else None
    snapshot = read_snapshot(client, key, before, ENDPOINTS[raw.endpoint], known)
    limit = options.shrink_limit
    if footer and limit:
        listed, endpoint = len(snapshot.items), ENDPOINTS[raw.endpoint]
        check_not_shrunk(key, endpoint, footer.rows, listed, limit)
    fetched_at = stored.fetched_at if stored and snapshot.unchanged else snapshot.fetched_at
    same = digests is not None and digests.bodies == snapshot.bodies
    repeated = digests.duplicate_items if digests and same else duplicates(snapshot.items, raw.identifier)
    return Content(
        snapshot.items, snapshot.digest, fetched_at, snapshot.reading, repeated, before, bodies=snapshot.bodies
    )


def _page_digests(footer: Footer | None, raw: Table, options: RefreshOptions) -> PageDigests | None:
    """The digests of the pages of the stored raw table; None where it must be made anew, whatever they hold."""
    stored = footer.provenance if footer else None
    if footer is None or stored is None:
        return None
    expected = provenance_of(raw, stored.snapshot, stored.fetched_at, options.zones, options.publication)
    return PageDigests.of_json(footer.pages) if stored == expected and footer.schema.equals(schema_of(raw)) else None


def derive(key: ConferenceKey, raw: Table, store: Store) -> Content:
    """The snapshot that the stored raw table holds, without the network.

    Raises `NotStoredError` where there is none, and `UnreadableFileError` where it cannot be read.
    """
    provenance = store.footer(raw.location, key).provenance
    if provenance is None:
        raise StoreError(
            f"{store.path(raw.location, key)} does not say which snapshot it holds; materialize {raw.name} again"
        )
    items = stored_items(store.read(raw.location, key, schema_of(raw)))
    repeated = duplicates(items, raw.identifier)
    return Content(items, provenance.snapshot, provenance.fetched_at, None, repeated)


def _stored_footer(store: Store, raw: Table, key: ConferenceKey) -> Footer | None:
    """The footer of the stored raw table; None where there is none that can be trusted."""
    try:
        return store.footer(raw.location, key)
    except NotStoredError:
        return None
    except UnreadableFileError as error:
        logger.warning("%s: reading the feed as if nothing were stored", error)
        return None
