"""Beginning a change log anew, by a step without rows, where its last step does not lead to the stored tables.

Verification does this. A refresh does not check it, which would take one more read of each log.
"""

from collections.abc import Mapping
from datetime import datetime

from planion_assets.refresh.change_log import RAW_TABLES, new_part
from planion_assets.refresh.log_reading import last_step, tracked_provenances
from planion_assets.refresh.step_notes import BEGUN, State, StepNote, state_of
from planion_assets.storage.log_parts import NOTHING
from planion_assets.storage.store import Provenance, StoredConference, Writer
from planion_assets.tables.arrow.arrays import empty_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import HISTORIES
from planion_assets.tables.model import History


def leads_elsewhere(note: StepNote, states: Mapping[str, State]) -> list[str]:
    """Those of the tables with these states to which a step does not lead."""
    return [name for name, state in states.items() if name in note.states and note.states[name] != state]


def begin_anew(writer: Writer, now: datetime) -> None:
    """Let each change log of a conference begin anew whose last step does not lead to all of its stored tables.

    Called where those are right. `now` is the instant (UTC) of the step that begins it. Raises OSError.
    """
    for history in HISTORIES:
        # As listed: a head can name a file that was removed by hand.
        parts = writer.store.log_parts(history.location, writer.key)
        note = last_step(writer, history, parts[-1]) if parts else None
        stored = StoredConference(writer.store, writer.key)  # the files: a writer answers from a head, if there is one
        provenances = {name: one for name, one in tracked_provenances(stored, history).items() if one}
        if note and leads_elsewhere(note, {name: state_of(one) or {} for name, one in provenances.items()}):
            _begin(history, writer, provenances, now)


def _begin(history: History, writer: Writer, provenances: Mapping[str, Provenance], now: datetime) -> None:
    raw = writer.store.footer(RAW_TABLES[history.name].location, writer.key).provenance
    if raw is None:
        return
    newest = next(iter(provenances.values()))
    following = writer.log_end(history.location).following
    states = {name: state_of(one) or {} for name, one in provenances.items()}
    said = Provenance(raw.snapshot, now, history.fingerprint, newest.zones, newest.publication)
    note = StepNote(following, BEGUN, now, states)
    writer.commit_snapshot([], [new_part(history, NOTHING, empty_table(schema_of(history)), note, said)])
