"""Putting the built files of a conference's tables in their places, one after the other."""

from collections.abc import Sequence

import pyarrow as pa

from planion_assets.refresh.build import BuiltFiles
from planion_assets.refresh.outcomes import Load, StoredTable
from planion_assets.refresh.plan import RefreshPlan
from planion_assets.storage.store import Store
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Table

WRITER = "refresh"
"""The lock that a writer of a conference's tables holds."""
LOCATIONS = tuple(table.location for table in TABLES)
"""The folders of all tables that it guards."""


def publish(plan: RefreshPlan, tables: Sequence[Table], built: BuiltFiles, store: Store) -> list[StoredTable]:
    """Put the files of these tables in their places, in that order; returns each table as it is stored then.

    Raises OSError where the disk refuses one, or refused to have it built, with those before it in their places.
    """
    return [_publish(plan, table, built, store) for table in tables]


def _publish(plan: RefreshPlan, table: Table, built: BuiltFiles, store: Store) -> StoredTable:
    def read(columns: Sequence[str] | None) -> pa.Table:
        return store.read(table.location, plan.key, schema_of(table), columns, plan.provenances[table.name])

    if table.name in plan.current:
        return StoredTable(table, plan.content, plan.current[table.name], False, read)
    file = built.of(table)
    data = file.data
    load: Load = read if data is None else lambda columns: data.select(columns or data.column_names)
    return StoredTable(table, plan.content, store.commit(file.staged), True, load)
