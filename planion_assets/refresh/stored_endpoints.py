"""Which endpoints are stored that have no table in the catalog, also those that the settings do not name any more.

Their files stay when a name is taken out of the settings, and can be verified and deleted all the same.
"""

from collections.abc import Iterator

from planion_assets.keys import name_from_path
from planion_assets.storage.store import Footer, Store, StoreError
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import ASSETS
from planion_assets.tables.endpoint_tables import RAW, endpoint_tables
from planion_assets.tables.model import PUBLISHED


def stored_endpoints(store: Store) -> list[str]:
    """Their names, sorted, by the folders that are not the catalog's and the footer of one file in each.

    Another asset may have stored a part of such a table there, with a copy of its metadata. So a raw table must have
    the right columns too, and a table of fields the code version, which depends on its name. Raises OSError.
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
                continue  # no folder of a table


def _footer(store: Store, table: str) -> Footer | None:
    """What the first file of a table says of itself that can be read; None where there is none."""
    for key in store.keys(table):
        try:
            return store.footer(table, key)
        except (StoreError, OSError):
            continue
    return None
