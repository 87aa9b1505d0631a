"""The rows of tracked tables before and after a step of a change log: stored, built by this refresh, or made for it."""

from collections.abc import Mapping, Sequence

from planion_assets.refresh.build import BuiltFiles
from planion_assets.refresh.change_log import RAW_TABLES
from planion_assets.refresh.log_reading import TableRows, rows_at
from planion_assets.refresh.plan import RefreshPlan
from planion_assets.refresh.step_notes import State
from planion_assets.storage.store import Writer
from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.arrow.row_text import Row, spelled_rows
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.catalog import table
from planion_assets.tables.model import History, Tracked


class StepRows:
    """The rows of the tables that one history tracks, as a refresh with that plan knows them."""

    def __init__(self, history: History, plan: RefreshPlan, built: BuiltFiles, writer: Writer) -> None:
        self._history, self._plan, self._built, self._writer = history, plan, built, writer
        self._last: dict[str, list[Row]] = {}

    def at(self, tracked: Tracked, state: State) -> TableRows | None:
        """The rows of a table at the end of the change log, in that state; None where they cannot be told."""
        if tracked.table in self._last:
            return TableRows(self._last[tracked.table], schema_of(table(tracked.table)))
        return rows_at(self._writer, self._history, tracked, state)

    def build(self, tracked: Sequence[Tracked], snapshot: str) -> dict[str, list[Row]]:
        """By table the rows that this code builds from a snapshot, which is the plan's or the stored one."""
        plan, content = self._plan, self._plan.content
        of_plan = snapshot == content.digest
        items = content.items if of_plan else stored_items(self._writer.read(RAW_TABLES[self._history.name].location))
        tables = [table(one.table) for one in tracked]
        missing = [one for one in tables if not of_plan or one not in plan.to_build]
        people = plan.people.rows() if any(one.shows_people for one in missing) else None
        builder = Builder(plan.key, items, plan.options.zones, missing, plan.options.publication, people=people)
        return {
            one.name: spelled_rows(
                builder.build(one).data if one in missing else self._writer.rows(self._built.of(one))
            )
            for one in tables
        }

    def remember(self, rows: Mapping[str, list[Row]]) -> None:
        """Take these for the rows at the end of the change log from here on."""
        self._last |= rows
