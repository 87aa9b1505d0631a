"""Mending: what is damaged is made anew from what is proven, and what is lost is set aside, where no reader looks.

Nothing is deleted. Under the conference's lock, which the caller holds.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from planion_assets.feed.endpoints import SESSIONS
from planion_assets.refresh.change_log import recover
from planion_assets.refresh.conference import store_content
from planion_assets.storage import atomic_write as disk
from planion_assets.storage.store import Store
from planion_assets.tables.catalog import TABLES
from planion_assets.verify.change_log import mark_gaps
from planion_assets.verify.conference import Inspection
from planion_assets.verify.findings import Kind


def mend(seen: Inspection) -> None:
    """Write every table of proven content that is not right, and set aside what stands in the way.

    A conference that the settings do not name keeps damaged files of its own: no feed can be read for it.
    Raises OSError.
    """
    key, store = seen.key, seen.store
    strange = {finding.path for finding in seen.found.findings if finding.kind is Kind.FOREIGN}
    keeps = seen.reread and seen.configured is None
    set_aside((path for path in seen.found.in_the_way if path in strange or not keeps), store)
    if SESSIONS.name in seen.contents:
        recover(store, key)
    for endpoint, content in seen.contents.items():
        wanted = [table for table in TABLES if table.endpoint == endpoint]
        # Without a limit: what is stored already is proven, however little of it the tables show.
        store_content(key, wanted, content, store, zones=seen.zones, footers=seen.right, limit=None)
    mark_gaps(key, store)


def set_aside(paths: Iterable[Path], store: Store) -> None:
    """Set files aside that are still there. Raises OSError."""
    for path in paths:
        if os.path.lexists(path):
            disk.set_aside(path, store.root)
