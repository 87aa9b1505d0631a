"""Carrying out a plan: its tables are built, what they change is recorded, then they are put in their places."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from planion_assets.refresh.build import BuiltFiles, build, discard
from planion_assets.refresh.outcomes import Load, StoredTable
from planion_assets.refresh.plan import RefreshPlan
from planion_assets.refresh.record import ChangeRecord, changes_to_record
from planion_assets.refresh.strike_log import strike_unpublished
from planion_assets.storage.store import Writer
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import HISTORIES, TABLES
from planion_assets.tables.model import Table, TableSpec

LOCATIONS = tuple(table.location for table in TABLES)
"""The folders of the catalog's tables."""


def locations_of(tables: Iterable[TableSpec]) -> tuple[str, ...]:
    """Those, and the folders of these tables, which may be of endpoints that are not in the catalog."""
    return tuple(dict.fromkeys((*LOCATIONS, *(table.location for table in tables if isinstance(table, Table)))))


def apply_plan(plan: RefreshPlan, writer: Writer) -> tuple[list[StoredTable], ChangeRecord]:
    """Build and publish the tables of a plan; returns each as it is stored then, and what changed.

    Raises `ShrunkError`, with every file untouched, where rows would be lost beyond what the options allow, OSError
    where the disk or the object store refuses a file, with those before it in their places, and `SupersededError`.
    """
    built = build(plan, writer)
    try:
        record = changes_to_record(plan, built, writer, datetime.now(UTC))
        raw = [built.of(table) for table in plan.raw if table.name not in plan.current]
        if plan.to_build or record.parts:
            writer.commit_snapshot(raw, record.parts)
        for history in HISTORIES:
            if history.public and any(tracked.table in built.files for tracked in history.tracked):
                strike_unpublished(history, writer)
        for public in (True, False):
            group = [table.name for table in plan.derived if table.public is public]
            writer.commit_all([built.files[name] for name in group if name in built.files])
        if built.refusal:
            raise built.refusal
    finally:
        discard(built, writer)
    return [_stored(plan, table, built, writer) for table in (*plan.raw, *plan.derived)], record


def _stored(plan: RefreshPlan, table: Table, built: BuiltFiles, writer: Writer) -> StoredTable:
    """A table whose file is right: the one that was built, or that was there."""
    store = writer.store

    def read(columns: Sequence[str] | None) -> pa.Table:
        return store.read(table.location, plan.key, schema_of(table), columns, plan.provenances[table.name])

    if table.name in plan.current:
        return StoredTable(table, plan.content, plan.current[table.name], False, read)
    staged = built.of(table)
    rows = staged.rows
    load: Load = read if rows is None else lambda columns: rows.select(columns or rows.column_names)
    return StoredTable(table, plan.content, staged.footer, True, load)
