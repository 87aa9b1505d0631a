"""Writing the tables of all conferences together, whenever something that they show may have changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from planion_assets.config import Config
from planion_assets.freshness import rows
from planion_assets.freshness.conference_list import conference_rows, published_rows
from planion_assets.freshness.package_files import describe
from planion_assets.freshness.survey import Surveyed
from planion_assets.storage.store import Footer, Store, StoreError
from planion_assets.tables.catalog import OVERVIEWS
from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets.tables.conferences import CONFERENCES
from planion_assets.tables.model import TableSpec
from planion_assets.tables.published_conferences import PUBLISHED_CONFERENCES

_ROWS = {PUBLISHED_CONFERENCES: published_rows, CONFERENCES: conference_rows}


def write(
    settings: Config,
    store: Store,
    surveyed: Sequence[Surveyed],
    now: datetime,
    tables: Collection[TableSpec] = OVERVIEWS,
) -> dict[str, Footer]:
    """Bring those tables up to date, the public one first; gives the footer of each by name. Raises OSError.

    With the public one goes what the folder of public tables says of itself (`package_files.py`).

    `surveyed` is what is known of every conference at `now`.
    """
    footers = {
        table.name: _replace(store, table, rows_of(settings, store))
        for table, rows_of in _ROWS.items()
        if table in tables
    }
    if CONFERENCE_STATUS in tables:
        footers[CONFERENCE_STATUS.name] = rows.write(store, surveyed, now)
    if PUBLISHED_CONFERENCES in tables:
        describe(store.files)
    return footers


def _replace(store: Store, declared: TableSpec, found: Iterable[Mapping[str, Any]]) -> Footer:
    """Replace a table that has other rows; a file that is right stays as it is."""
    data = rows.table_of(declared, found)
    try:
        stored = store.read(declared.location, None)
        if stored.equals(data) and stored.schema.equals(data.schema, check_metadata=True):
            return store.footer(declared.location, None)
    except StoreError:
        pass
    return store.write(declared.location, None, data)
