"""Which endpoints of the feed are stored that no table of the catalog is for, also those that no account reads by now.

What was read of an endpoint stays when its name is taken out of the settings: it can be verified and deleted all the
same.
"""

from collections.abc import Iterator

from planion_assets.keys import name_from_path
from planion_assets.storage.store import Footer, Store, StoreError
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import ASSETS
from planion_assets.tables.endpoint_tables import RAW, endpoint_tables
from planion_assets.tables.model import PUBLISHED


def stored_endpoints(store: Store) -> list[str]:
    """Their names, sorted, by the folders that are not the catalog's and the end of one file in each. Raises OSError.

    Another asset of the same folder may have stored a part of such a table, with all that its file says of itself. So a
    raw table is known by its columns too, and one of fields by the code version, in which its name is.
    """
    names: set[str] = set()
    for folder in _other_folders(store):
        raw, fields = endpoint_tables(folder.removeprefix(RAW))
        footer = _footer(store, folder)
        provenance = footer.provenance if footer else None
        if footer is None or provenance is None:
            continue
        is_raw = folder == raw.name and footer.has_schema(schema_of(raw))
        if is_raw or (folder == fields.name and provenance.code_version == fields.fingerprint):
            names.add(fields.name)
    return sorted(names)


def _other_folders(store: Store) -> Iterator[str]:
    own = {PUBLISHED, *(declared.location for declared in ASSETS)}
    for folder in store.files.folders(""):
        if folder not in own and not folder.startswith("."):
            try:
                yield name_from_path(folder)
            except ValueError:
                continue  # of nobody who stores tables here


def _footer(store: Store, table: str) -> Footer | None:
    """What the first file of a table says of itself that can be read; None where there is none."""
    for key in store.keys(table):
        try:
            return store.footer(table, key)
        except (StoreError, OSError):
            continue
    return None
