"""Carrying out a plan: its tables are built, what they change is recorded, then they are put in their places."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from planion_assets.refresh.build import BuiltFiles, build, discard
from planion_assets.refresh.outcomes import Load, StoredTable
from planion_assets.refresh.plan import RefreshPlan
from planion_assets.refresh.record import Recorded, changes_to_record
from planion_assets.refresh.strike_log import strike_unpublished
from planion_assets.storage.store import Footer, NewPart, Writer
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import HISTORIES, TABLES
from planion_assets.tables.model import Table, TableSpec

LOCATIONS = tuple(table.location for table in TABLES)
"""The folders of the catalog's tables."""


def locations_of(tables: Iterable[TableSpec]) -> tuple[str, ...]:
    """Those, and the folders of these tables, which may be of endpoints that are not in the catalog."""
    return tuple(dict.fromkeys((*LOCATIONS, *(table.location for table in tables if isinstance(table, Table)))))


def apply_plan(plan: RefreshPlan, writer: Writer) -> tuple[list[StoredTable], Recorded]:
    """Build and publish the tables of a plan; returns each as it is stored then, and what changed.

    Raises `ShrunkError`, with every file untouched, where rows would be lost beyond what the options allow, OSError
    where the disk or the object store refuses a file, with those before it in their places, and `SupersededError`.
    """
    built = build(plan, writer)
    try:
        recorded = changes_to_record(plan, built, writer, datetime.now(UTC))
        raw = _publish_raw(plan, built, recorded.parts, writer)
        for history in HISTORIES:
            if history.public and any(tracked.table in built.files for tracked in history.tracked):
                strike_unpublished(history, writer)
        derived = _publish(plan, plan.derived, built, writer)
    finally:
        discard(built, writer)
    return raw + derived, recorded


def _publish_raw(plan: RefreshPlan, built: BuiltFiles, changes: Sequence[NewPart], writer: Writer) -> list[StoredTable]:
    """Put the raw table in its place, and what changes into the change logs; returns it as it is stored then.

    Raises OSError where the disk refuses it, or refused to have it built.
    """
    files = [built.of(table) for table in plan.raw if table.name not in plan.current]
    footers = writer.commit_snapshot(files, changes) if plan.to_build or changes else []
    published = dict(zip((file.table for file in files), footers, strict=True))
    return [_stored(plan, table, built, published.get(table.location), writer) for table in plan.raw]


def _publish(plan: RefreshPlan, tables: Sequence[Table], built: BuiltFiles, writer: Writer) -> list[StoredTable]:
    """Put the files of these tables in their places, those for the public first; returns each as it is stored then.

    Raises OSError where the disk refuses one, or refused to have it built, with those before it in their places.
    """
    published: dict[str, Footer] = {}
    for public in (True, False):
        group = [table for table in tables if table.public is public and table.name not in plan.current]
        files = [built.files[table.name] for table in group if table.name in built.files]
        published |= dict(zip((file.table for file in files), writer.commit_all(files), strict=True))
        for table in group:
            built.of(table)
    return [_stored(plan, table, built, published.get(table.location), writer) for table in tables]


def _stored(plan: RefreshPlan, table: Table, built: BuiltFiles, written: Footer | None, writer: Writer) -> StoredTable:
    """A table whose file is right: `written`, or the one that was there."""
    store = writer.store

    def read(columns: Sequence[str] | None) -> pa.Table:
        return store.read(table.location, plan.key, schema_of(table), columns, plan.provenances[table.name])

    if written is None:
        return StoredTable(table, plan.content, plan.current[table.name], False, read)
    rows = built.of(table).rows
    load: Load = read if rows is None else lambda columns: rows.select(columns or rows.column_names)
    return StoredTable(table, plan.content, written, True, load)
