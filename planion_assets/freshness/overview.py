"""All conferences together, each looked at once: the survey, and writing the tables that list them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from planion_assets.config import Config
from planion_assets.freshness import rows
from planion_assets.freshness.conference_list import conference_row, published_row
from planion_assets.freshness.package_files import describe
from planion_assets.freshness.survey import Surveyed, known_keys, surveyed
from planion_assets.storage.store import Footer, Store, StoreError
from planion_assets.tables.catalog import OVERVIEWS
from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets.tables.conferences import CONFERENCES
from planion_assets.tables.model import TableSpec
from planion_assets.tables.published_conferences import PUBLISHED_CONFERENCES
from planion_assets.tables.published_sessions import PUBLISHED_SESSIONS

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Overview:
    """What is known of every conference at one instant, and the rows of the lists by table, in the order of the key."""

    now: datetime
    surveyed: Sequence[Surveyed] = ()
    lists: Mapping[TableSpec, Sequence[Row]] = field(default_factory=dict, repr=False)


def overview(settings: Config, store: Store, now: datetime, tables: Collection[TableSpec] = OVERVIEWS) -> Overview:
    """Survey every conference, and make the rows of those of the `tables` that are lists. Raises OSError."""
    known = dict.fromkeys(known_keys(settings, store))
    published = set(store.keys(PUBLISHED_SESSIONS.location)) if PUBLISHED_CONFERENCES in tables else set()
    found: list[Surveyed] = []
    lists: dict[TableSpec, list[Row]] = {table: [] for table in (PUBLISHED_CONFERENCES, CONFERENCES) if table in tables}
    for stored in store.stored([*known, *sorted(published - known.keys())]):
        if stored.key in known:
            found.append(surveyed(settings, stored, now))
            if CONFERENCES in lists:
                lists[CONFERENCES].append(conference_row(settings, stored))
        if stored.key in published and (row := published_row(settings, stored)):
            lists[PUBLISHED_CONFERENCES].append(row)
    for listed in lists.values():
        listed.sort(key=lambda row: (row["account"], row["conference"]))
    return Overview(now, found, lists)


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
