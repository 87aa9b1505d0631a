"""The rows of tracked tables before and after a step of a change log: stored, or built from a snapshot.

The change log is written before its tables. So a stored table has the state of the last step or, where a writer was
stopped, that of an earlier step: the steps after that one lead to the end of the log.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pyarrow as pa

from planion_assets.refresh.build import BuiltFiles
from planion_assets.refresh.change_log import RAW_TABLES
from planion_assets.refresh.log_reading import Step, steps_backwards
from planion_assets.refresh.plan import RefreshPlan
from planion_assets.refresh.step_notes import BEGUN, State, state_of
from planion_assets.storage.parquet_file import provenance_in
from planion_assets.storage.store import NotStoredError, StoredConference, UnreadableFileError, Writer
from planion_assets.tables.arrow import replay
from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.arrow.row_text import spelled_rows, table_of
from planion_assets.tables.arrow.schemas import TYPES
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.catalog import table
from planion_assets.tables.model import History, Tracked

logger = logging.getLogger(__name__)


class StepRows:
    """The rows of the tables that one history tracks, as a refresh with that plan knows them."""

    def __init__(self, history: History, plan: RefreshPlan, built: BuiltFiles, writer: Writer) -> None:
        self._history, self._plan, self._built, self._writer = history, plan, built, writer
        self._last: dict[str, pa.Table] = {}

    def at(self, tracked: Tracked, state: State) -> pa.Table | None:
        """The rows of a table at the end of the change log, in that state; None where they are not known."""
        if tracked.table in self._last:
            return self._last[tracked.table]
        return _rows_at(self._writer, self._history, tracked, state)

    def build(self, tracked: Sequence[Tracked], snapshot: str) -> dict[str, pa.Table]:
        """By table the rows that this code builds from a snapshot, which is the plan's or the stored one."""
        plan, content = self._plan, self._plan.content
        of_plan = snapshot == content.digest
        items = content.items if of_plan else stored_items(self._writer.read(RAW_TABLES[self._history.name].location))
        tables = [table(one.table) for one in tracked]
        missing = [one for one in tables if not of_plan or one not in plan.to_build]
        people = plan.people.rows() if any(one.shows_people for one in missing) else None
        builder = Builder(plan.key, items, plan.options.zones, missing, plan.options.publication, people=people)
        return {
            one.name: builder.build(one).data if one in missing else self._writer.rows(self._built.of(one))
            for one in tables
        }

    def remember(self, rows: Mapping[str, pa.Table]) -> None:
        """Take these for the rows at the end of the change log from here on."""
        self._last |= rows


def _rows_at(stored: StoredConference, history: History, tracked: Tracked, end: State) -> pa.Table | None:
    """The rows that a tracked table has at the end of the change log, in that state.

    None where the stored table cannot be read, or no steps lead from it to the end.
    """
    declared = table(tracked.table)
    try:
        data = stored.read(declared.location)
        if other := {str(one.type) for one in data.schema} - set(map(str, TYPES.values())):
            raise ValueError(f"another tool has given it columns of the type {', '.join(sorted(other))}")
        state = state_of(provenance_in(data.schema.metadata or {}))
        if state == end:
            return data
        rows, schema = spelled_rows(data), data.schema
        for note, changes in reversed(_steps_after(stored, history, tracked, state)):
            restated = note.restated.get(tracked.table) if note else None
            schema = restated.schemas[1] if restated and restated.schemas else schema
            rows = replay.applied(tracked, rows, changes)
        return table_of(rows, schema, declared.key, asdict(stored.key))
    except (NotStoredError, UnreadableFileError, ValueError) as error:
        logger.warning("%s: what changed in %s cannot be told: %s", stored.key, tracked.table, error)
        return None


def _steps_after(stored: StoredConference, history: History, tracked: Tracked, state: State | None) -> list[Step]:
    """The steps after the last one that led to a state, the last first. Raises ValueError where none did."""
    later: list[Step] = []
    for note, rows in steps_backwards(stored, history):
        if note and note.states.get(tracked.table) == state:
            return later
        if note and note.cause == BEGUN:
            break
        later.append((note, rows))
    raise ValueError("its stored file is of no step that is recorded")
