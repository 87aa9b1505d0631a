"""Writing the tables of all conferences together, whenever something that they show may have changed."""

from collections.abc import Collection, Iterable

from planion_assets.freshness import rows
from planion_assets.freshness.overview import Overview, Row
from planion_assets.freshness.package_files import describe
from planion_assets.storage.store import Footer, Store, StoreError
from planion_assets.tables.catalog import OVERVIEWS
from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets.tables.model import TableSpec
from planion_assets.tables.published_conferences import PUBLISHED_CONFERENCES


def write(store: Store, found: Overview, tables: Collection[TableSpec] = OVERVIEWS) -> dict[str, Footer]:
    """Bring those tables up to date, the public one first; gives the footer of each by name. Raises OSError.

    With the public one goes what the folder of public tables says of itself (`package_files.py`).
    """
    footers = {table.name: _replace(store, table, listed) for table, listed in found.lists.items() if table in tables}
    if CONFERENCE_STATUS in tables:
        footers[CONFERENCE_STATUS.name] = rows.write(store, found.surveyed, found.now)
    if PUBLISHED_CONFERENCES in tables:
        describe(store.files)
    return footers


def _replace(store: Store, declared: TableSpec, found: Iterable[Row]) -> Footer:
    """Replace a table that has other rows; a file that is right stays as it is."""
    data = rows.table_of(declared, found)
    try:
        stored = store.read(declared.location, None)
        if stored.equals(data) and stored.schema.equals(data.schema, check_metadata=True):
            return store.footer(declared.location, None)
    except StoreError:
        pass
    return store.write(declared.location, None, data)
