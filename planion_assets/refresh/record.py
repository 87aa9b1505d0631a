"""What a refresh has to record in the change logs before its files are put in their places.

A change of the feed and a restatement (the same snapshot read by other code or with other settings) are separate steps.
So a reader who applies the steps of a change log gets the rows of the tables, and knows why they changed.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyarrow as pa

from planion_assets.refresh.build import BuiltFiles
from planion_assets.refresh.change_log import RAW_TABLES, new_part
from planion_assets.refresh.log_reading import last_step
from planion_assets.refresh.outcomes import Changes
from planion_assets.refresh.plan import RefreshPlan, provenance_of
from planion_assets.refresh.step_notes import (
    BEGUN,
    Restatement,
    State,
    StepNote,
    days_after,
    state_of,
    with_people,
)
from planion_assets.refresh.step_rows import StepRows
from planion_assets.storage.log_parts import NOTHING
from planion_assets.storage.store import LogPart, NewPart, NotStoredError, Provenance, UnreadableFileError, Writer
from planion_assets.tables.arrow import diff
from planion_assets.tables.arrow.arrays import empty_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.catalog import HISTORIES, table
from planion_assets.tables.history import FEED, RESTATED
from planion_assets.tables.model import History, Tracked
from planion_assets.tables.session_changes import SESSION_CHANGES

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """What a refresh has to record: files for the change logs in their order, and what changes in the feed.

    `restated` has by table the columns that are restated.
    """

    parts: Sequence[NewPart] = ()
    changes: Changes | None = None
    restated: Mapping[str, Sequence[str]] = field(default_factory=dict)


def changes_to_record(plan: RefreshPlan, built: BuiltFiles, writer: Writer, now: datetime) -> ChangeRecord:
    """What the files of a plan change, to be recorded with the raw table. `now` is when they are restated (UTC).

    Raises OSError.
    """
    parts: list[NewPart] = []
    changes: Changes | None = None
    restated: dict[str, Sequence[str]] = {}
    for history in HISTORIES:
        recording = _Recording(history, plan, built, writer, now)
        if history == SESSION_CHANGES:
            changes = recording.follow_items()
        else:
            recording.follow_tables()
        parts += recording.parts
        restated |= recording.restated
    return ChangeRecord(parts, changes, restated)


class _Recording:
    """The steps that a plan adds to one history."""

    def __init__(self, history: History, plan: RefreshPlan, built: BuiltFiles, writer: Writer, now: datetime) -> None:
        self._history, self._plan, self._writer, self._now = history, plan, writer, now
        self._snapshot = plan.content.digest
        self._before = plan.content.before if RAW_TABLES[history.name] in plan.raw else self._snapshot
        self._written = [one for one in history.tracked if table(one.table) in plan.to_build]
        self._rows = StepRows(history, plan, built, writer)
        self._states: dict[str, State] = {}
        self._after = ""
        self._last: StepNote | None = None
        self._following = 0
        self.parts: list[NewPart] = []
        self.restated: dict[str, Sequence[str]] = {}

    def follow_items(self) -> Changes | None:
        """Record what the items of a new snapshot change, after a restatement of the stored one if code has changed.

        Without a stored snapshot, and where the last file does not lead to it, the history gets a file without rows.
        It is complete from that file on.
        """
        before, is_unchanged = self._before, self._before == self._snapshot
        if RAW_TABLES[self._history.name] not in self._plan.raw and not self._written:
            return None
        end = self._writer.log_end(self._history.location)
        self._following = end.following
        if end.last is None or before is None or not end.last.leads_to(before):
            self._begin(self._snapshot)
        elif is_unchanged and self._written and self._continues(end.last, self._written):
            self._restate(self._written, before)
        elif not is_unchanged and self._continues(end.last, self._history.tracked):
            self._restate(self._history.tracked, before)
            if changes := self._between(before):
                return changes
            self._begin(self._snapshot)
        return None if is_unchanged else Changes(None, None)

    def follow_tables(self) -> None:
        """Record what the files that are to be written change in the rows of the last step."""
        tracked = [one for one in self._history.tracked if one.table in self._plan.provenances]
        if not tracked:
            return
        end = self._writer.log_end(self._history.location)
        self._following = end.following
        if end.last is None:
            # A table that this refresh writes later begins the log, so that no step lists all of its rows.
            if not any(table(one.table) in self._plan.later for one in self._history.tracked):
                self._begin(self._snapshot)
        elif self._written and self._continues(end.last, self._written):
            if self._history.public and self._publishes_otherwise():
                # Later steps must not have values that were published by other settings.
                self._begin(self._snapshot)
                return
            if self._before and self._before != self._snapshot:
                same = [one for one in self._written if self._states[one.table]["snapshot"] == self._before]
                self._restate(same, self._before)
            self._follow_written()

    def _publishes_otherwise(self) -> bool:
        """Whether the last step is of other settings, or of people where none are published any more."""
        states = [self._states[one.table] for one in self._written]
        publications = {state.get("publication", "") for state in states}
        hides = not self._plan.people.digest and any("people" in state for state in states)
        return hides or publications != {str(self._plan.options.publication)}

    def _follow_written(self) -> None:
        """Record what leads to the files that are to be written, unless a refresh that was stopped has done so."""
        wanted, snapshot = self._wanted(self._written, self._snapshot), {"snapshot": self._snapshot}
        changed = [one for one in self._written if self._states[one.table] != wanted[one.table]]
        moved = {one.table: with_people({**self._states[one.table], **snapshot}, wanted[one.table]) for one in changed}
        if changed:
            cause = FEED if all(moved[name] == wanted[name] for name in moved) else RESTATED
            self._add(cause, changed, self._snapshot)

    def _continues(self, last: LogPart, tracked: Sequence[Tracked]) -> bool:
        """Go on from the states of the last step; where that of a tracked table is not known, begin the log anew."""
        self._last = note = last_step(self._writer, self._history, last)
        self._after, self._states = last.after, dict(note.states) if note else {}
        is_known = all(one.table in self._states for one in tracked)
        if not is_known:
            self._begin(self._snapshot)
        return is_known

    def _restate(self, tracked: Sequence[Tracked], snapshot: str) -> None:
        """Record how this code and these settings read a stored snapshot, where the last step was of others."""
        wanted = self._wanted(tracked, snapshot)
        outdated = [
            one for one in tracked if with_people(self._states[one.table], wanted[one.table]) != wanted[one.table]
        ]
        if outdated:
            self._add(RESTATED, outdated, snapshot)

    def _wanted(self, tracked: Sequence[Tracked], snapshot: str) -> dict[str, State]:
        """By table the state of the rows that this code builds with these settings from that snapshot."""
        source = snapshot, self._now, self._plan.options, self._plan.people
        return {one.table: state_of(provenance_of(table(one.table), *source)) or {} for one in tracked}

    def _begin(self, snapshot: str) -> None:
        """Add a file without rows, which follows nothing."""
        states = self._wanted(self._history.tracked, snapshot)
        rows = empty_table(schema_of(self._history))
        self._append(NOTHING, snapshot, StepNote(self._following, BEGUN, self._plan.content.fetched_at, states), rows)

    def _add(self, cause: str, tracked: Sequence[Tracked], snapshot: str) -> None:
        """Add the step that leads tracked tables from where they are to that snapshot."""
        new = self._rows.build(tracked, snapshot)
        found = {one.table: self._rows.at(one, self._states[one.table]) for one in tracked}
        old = {name: rows for name, rows in found.items() if rows is not None}
        if len(old) < len(found):
            self._begin(snapshot)
            return
        both = {name: (rows, new[name]) for name, rows in old.items()}
        changes = diff.step_differences(tracked, self._plan.key, both)
        restated: dict[str, Restatement] = {}
        for name, changed in changes.items():
            columns = sorted({change.column for change in changed if change.column})
            schemas = (old[name].schema, schema_of(table(name)))
            other = None if schemas[0].equals(schemas[1]) else schemas
            restated[name] = Restatement(self._states[name], columns, other)
        before = self._states[tracked[0].table]["snapshot"]
        # A restatement of the former snapshot is not later than the change of the feed that follows it. People are read
        # after the sessions.
        of_sessions = (cause == FEED and before != snapshot) or self._before != self._snapshot
        at = self._plan.content.fetched_at if of_sessions else self._now
        step = diff.Step(self._following, at, before, snapshot, cause)
        states = self._states | self._wanted(tracked, snapshot)
        note = StepNote(self._following, cause, at, states, restated if cause == RESTATED else {})
        all_changes = [change for changed in changes.values() for change in changed]
        self._append(self._after, snapshot, note, diff.change_rows(self._history, self._plan.key, step, all_changes))
        self._rows.remember(new)
        if cause == RESTATED:
            self.restated |= {name: one.columns for name, one in restated.items()}

    def _append(self, before: str, snapshot: str, note: StepNote, rows: pa.Table) -> None:
        options, history = self._plan.options, self._history
        published = str(options.publication) if history.public else ""
        provenance = Provenance(snapshot, note.detected_at, history.fingerprint, str(options.zones), published)
        of_feed = rows.num_rows if note.cause == FEED else 0
        self._last = replace(note, days=days_after(self._last, note.detected_at, of_feed))
        self.parts.append(new_part(history, before, rows, self._last, provenance))
        self._following += 1
        self._after, self._states = self.parts[-1].part.after, dict(note.states)

    def _between(self, before: str) -> Changes | None:
        """Add what the items of the new snapshot change; None where the stored ones cannot be compared with."""
        content = self._plan.content
        step = diff.Step(self._following, content.fetched_at, before, content.digest)
        try:
            stored = stored_items(self._writer.read(RAW_TABLES[self._history.name].location))
            rows = diff.between(self._plan.key, stored, content.items, step, self._plan.options.zones)
        except (UnreadableFileError, NotStoredError, KeyError, ValueError) as error:
            logger.warning("%s: what changed in the feed cannot be told: %s", self._plan.key, error)
            return None
        states = self._wanted(self._history.tracked, content.digest)
        self._append(self._after, content.digest, StepNote(self._following, FEED, content.fetched_at, states), rows)
        return Changes(*(diff.counts(rows, tracked) for tracked in self._history.tracked))
