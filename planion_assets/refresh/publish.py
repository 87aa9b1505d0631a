"""The tables of a conference against the store: which of them show a snapshot already, and how the others come to.

Where a snapshot comes from is in `planion_assets.refresh.conference`, how files are made of it in
`planion_assets.refresh.build`.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.build import BuildPlan, BuiltFile, making
from planion_assets.refresh.concurrency import Meanwhile
from planion_assets.refresh.outcomes import Content, Load, StoredTable
from planion_assets.refresh.shrink import ShrinkLimit
from planion_assets.refresh.shrink_guard import at_stake, check_rows_kept
from planion_assets.storage.page_digests import PageDigests
from planion_assets.storage.store import Footer, NotStoredError, Provenance, Store, UnreadableFileError, put
from planion_assets.tables import catalog
from planion_assets.tables.arrow import builder as arrow
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Table, Zones

WRITER = "refresh"
"""Whoever writes tables of a conference holds the lock of this name."""
LOCATIONS = tuple(table.location for table in TABLES)
"""The folders of all tables that it guards."""


@contextlib.contextmanager
def read_footers(key: ConferenceKey, tables: Sequence[Table], store: Store) -> Iterator[Mapping[str, Footer]]:
    """The footer of each stored table that has the columns this code gives it, by the table's name, when this ends.

    They are read beside what the caller does meanwhile. Ending raises OSError where the disk refuses to be read.
    """

    def read() -> dict[str, Footer]:
        return {table.name: footer for table in tables if (footer := _footer(store, key, table))}

    found: dict[str, Footer] = {}
    with Meanwhile() as meanwhile:
        footers = meanwhile.do(read)
        yield found
    # Whoever waits for a feed may wait for minutes, and a file can be taken away in that time.
    found |= {name: footer for name, footer in footers().items() if footer.still_there()}


@contextlib.contextmanager
def shown(
    key: ConferenceKey,
    wanted: Sequence[Table],
    content: Content,
    store: Store,
    *,
    zones: Zones,
    footers: Mapping[str, Footer],
    limit: ShrinkLimit | None,
) -> Iterator[Iterator[StoredTable]]:
    """The wanted tables, the raw one first: each is in its place, and shows the content, when it is given.

    Those are written of which none of the `footers` says that the stored table shows it already. Raises `ShrunkError`,
    before any is put in its place, where rows would be lost beyond the `limit`. Asking for one raises OSError where the
    disk refuses it, with those before it in their places.
    """
    tables = [(table, provenance_of(table, content.digest, content.fetched_at, zones)) for table in _as_written(wanted)]
    right = {
        table.name: footers[table.name]
        for table, provenance in tables
        if table.name in footers and footers[table.name].provenance == provenance
    }
    pages = PageDigests(content.bodies, content.duplicate_items).to_json() if content.bodies else ""
    to_write = [one for one in tables if one[0].name not in right]
    stake = at_stake(key, wanted[0].endpoint, content, [table for table, _ in to_write], store) if limit else {}
    order = BuildPlan(key, content.items, zones, to_write, [catalog.table(name) for name in stake], pages)
    with making(order, store) as made:
        if limit:
            check_rows_kept(key, content, stake, made.counts, limit)
        yield (
            StoredTable(table, content, right[table.name], False, _reading(store, key, table, provenance))
            if table.name in right
            else _put(next(made.files), table, content, _reading(store, key, table, provenance))
            for table, provenance in tables
        )


def provenance_of(table: Table, digest: str, fetched_at: datetime, zones: Zones) -> Provenance:
    """What the file of a table says of where it comes from, if this code makes it of that snapshot."""
    return Provenance(digest, fetched_at, table.fingerprint, str(zones) if table.zoned else "")


def shows(footer: Footer, table: Table, provenance: Provenance) -> bool:
    """Whether the stored table is what this code makes of that."""
    return footer.provenance == provenance and _as_declared(footer, table)


def _as_declared(footer: Footer, table: Table) -> bool:
    return footer.schema.equals(arrow.schema_of(table))


def _as_written(tables: Sequence[Table]) -> list[Table]:
    """The raw table first, from which the others can be made; then those for the public.

    Should the disk refuse a later one, whoever is unpublished is gone from the public ones already.
    """
    return sorted(tables, key=lambda table: (bool(table.upstream), not table.public))


def _footer(store: Store, key: ConferenceKey, table: Table) -> Footer | None:
    """The footer of the stored table, None where there is none with the columns that this code gives it."""
    try:
        footer = store.footer(table.location, key)
    except (NotStoredError, UnreadableFileError):
        return None
    return footer if _as_declared(footer, table) else None


def _put(file: BuiltFile, table: Table, content: Content, read: Load) -> StoredTable:
    """Put a table that was made in its place."""
    data = file.data
    load = read if data is None else lambda columns: data.select(columns or data.column_names)
    return StoredTable(table, content, put(file.staged), True, load)


def _reading(store: Store, key: ConferenceKey, table: Table, provenance: Provenance) -> Load:
    """How the rows of a stored table are read again."""
    return lambda columns: store.read(table.location, key, arrow.schema_of(table), columns, provenance)
