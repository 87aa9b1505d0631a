"""The snapshot that a refresh stores: fetched from the feed, or derived from the stored raw table."""

import logging

from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import endpoint_of
from planion_assets.feed.known_pages import KnownPages
from planion_assets.feed.snapshot import read_snapshot
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Content
from planion_assets.refresh.plan import provenance_of
from planion_assets.refresh.shrink import check_not_shrunk
from planion_assets.storage.page_digests import PageDigests
from planion_assets.storage.store import Footer, NotStoredError, StoredConference, StoreError, UnreadableFileError
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.model import Table
from planion_assets.tables.selection import duplicates

logger = logging.getLogger(__name__)


def fetch(raw: Table, stored: StoredConference, client: FeedClient, options: RefreshOptions) -> Content:
    """Read a verified snapshot of the raw table's endpoint from the feed.

    Raises `FeedError` with every stored file untouched.
    """
    key = stored.key
    footer = _stored_footer(stored, raw)
    provenance = footer.provenance if footer else None
    digests = _page_digests(footer, raw, options)
    before = provenance.snapshot if provenance else None
    known = KnownPages(before, digests.bodies, footer.rows) if footer and before and digests else None
    endpoint = endpoint_of(raw.endpoint)
    snapshot = read_snapshot(client, key, before, endpoint, known)
    if footer:
        check_not_shrunk(key, endpoint, footer.rows, len(snapshot.items), options)
    fetched_at = provenance.fetched_at if provenance and snapshot.unchanged else snapshot.fetched_at
    same = digests is not None and digests.bodies == snapshot.bodies
    repeated = digests.duplicate_items if digests and same else duplicates(snapshot.items, raw.identifier)
    return Content(
        snapshot.items, snapshot.digest, fetched_at, snapshot.reading, repeated, before, bodies=snapshot.bodies
    )


def _page_digests(footer: Footer | None, raw: Table, options: RefreshOptions) -> PageDigests | None:
    """The digests of the pages of the stored raw table; None where this code would write another file of them."""
    stored = footer.provenance if footer else None
    if footer is None or stored is None:
        return None
    expected = provenance_of(raw, stored.snapshot, stored.fetched_at, options)
    return PageDigests.of_json(footer.pages) if stored == expected and footer.has_schema(schema_of(raw)) else None


def derive(raw: Table, stored: StoredConference) -> Content:
    """The snapshot that the stored raw table holds, without the network.

    Raises `NotStoredError` where there is none, and `UnreadableFileError` where it cannot be read.
    """
    footer = stored.footer(raw.location)
    provenance = footer.provenance
    if provenance is None:
        raise StoreError(f"{footer.address} does not say which snapshot it holds; materialize {raw.name} again")
    items = stored_items(stored.read(raw.location, schema_of(raw)))
    repeated = duplicates(items, raw.identifier)
    return Content(items, provenance.snapshot, provenance.fetched_at, None, repeated)


def _stored_footer(stored: StoredConference, raw: Table) -> Footer | None:
    """The footer of the stored raw table; None where there is none that can be trusted."""
    try:
        return stored.footer(raw.location)
    except NotStoredError:
        return None
    except UnreadableFileError as error:
        logger.warning("%s: reading the feed as if nothing were stored", error)
        return None
