"""Building the files of a plan's tables, which are staged and not yet in their places."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from planion_assets.refresh.plan import RefreshPlan
from planion_assets.refresh.shrink import check_tables_not_shrunk
from planion_assets.storage.page_digests import PageDigests
from planion_assets.storage.store import Pieces, StagedFile, Writer
from planion_assets.tables import catalog
from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.unreadable import unreadable_json
from planion_assets.tables.model import Table

# Conferences that are built at once in a process: more of them take more memory and are no faster.
_BUILDING = threading.Semaphore(2)


@dataclass(frozen=True, slots=True)
class BuiltFiles:
    """The files of a plan by table, as many as the disk had room for; `refusal` is why there are no more."""

    files: Mapping[str, StagedFile]
    refusal: OSError | None = None

    def of(self, table: Table) -> StagedFile:
        """The file of a table. Raises OSError where the disk refused it, or one before it."""
        if table.name not in self.files and self.refusal:
            raise self.refusal
        return self.files[table.name]


def build(plan: RefreshPlan, writer: Writer) -> BuiltFiles:
    """Build the files in the order of the plan; of an unchanged snapshot none, and no item is parsed.

    Waits until fewer than two conferences are being built. Raises `ShrunkError`, before any file is built, where rows
    would be lost beyond what the options allow, and what asking for an item raises. Where the disk refuses a file the
    result says so: those before it can be published.
    """
    tables, options = plan.to_build, plan.options
    if not tables:
        return BuiltFiles({})
    counted = [catalog.table(name) for name in plan.at_risk]
    together = {table.name: table for table in (*counted, *tables)}
    files: dict[str, StagedFile] = {}
    with _BUILDING:
        people = plan.people.rows() if any(table.shows_people for table in tables) else None
        settings = options.zones, together.values(), options.publication
        builder = Builder(plan.key, plan.content.items, *settings, people=people)
        try:
            counts = {table.name: builder.count(table) for table in counted}
            check_tables_not_shrunk(plan.key, plan.content, plan.at_risk, counts, options)
            for table in tables:
                files[table.name] = _build(table, plan, builder, writer)
        except OSError as error:
            return BuiltFiles(files, error)
        except BaseException:
            discard(BuiltFiles(files), writer)
            raise
    return BuiltFiles(files)


def discard(built: BuiltFiles, writer: Writer) -> None:
    """Remove the files that were not put in their places."""
    for staged in built.files.values():
        writer.discard(staged)


def _build(table: Table, plan: RefreshPlan, builder: Builder, writer: Writer) -> StagedFile:
    pieces, unreadable = builder.pieces(table)
    is_large = builder.is_large(table)
    rows = Pieces(schema_of(table), pieces, repeats=not table.of_items) if is_large else pa.concat_tables(pieces)
    content = plan.content
    pages = PageDigests(content.bodies, content.duplicate_items).to_json() if content.bodies else ""
    return writer.stage(
        table.location,
        rows,
        plan.provenances[table.name],
        unreadable_json(unreadable),
        pages="" if table.upstream else pages,
    )
