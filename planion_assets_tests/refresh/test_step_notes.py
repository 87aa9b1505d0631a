"""What a file of a change log says of its steps comes back as it was said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from planion_assets.refresh.step_notes import (
    BEGUN,
    DAYS,
    STEPS,
    Restatement,
    StepNote,
    days_after,
    notes_json,
    notes_of,
    state_of,
)
from planion_assets.storage.store import Provenance
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.history import RESTATED
from planion_assets.tables.sessions import SESSIONS

AT = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC)
STATE = {"snapshot": "a" * 64, "code_version": "1", "zones": "UTC Europe/Berlin"}


def test_notes_come_back_with_the_schemas_of_what_was_restated() -> None:
    before = pa.schema([pa.field("a", pa.float64(), metadata={"description": "é", "personal": "true"})])
    notes = [
        StepNote(0, BEGUN, AT, {"sessions": STATE}),
        StepNote(
            7,
            RESTATED,
            AT,
            {"sessions": STATE, "session_speakers": STATE},
            {
                "sessions": Restatement(STATE | {"code_version": "0"}, ["a", "b"], (before, schema_of(SESSIONS))),
                "session_speakers": Restatement(STATE, []),
            },
            (3, 0, 1),
        ),
    ]
    back = notes_of({STEPS: notes_json(notes)})
    assert back == notes
    schemas = back[1].restated["sessions"].schemas
    assert schemas
    assert schemas[0].equals(before, check_metadata=True)
    assert schemas[1].equals(schema_of(SESSIONS), check_metadata=True)


def test_a_file_that_does_not_tell_has_no_notes() -> None:
    for metadata in (None, {}, {STEPS: b"{"}, {STEPS: b"[1]"}, {STEPS: b'[{"sequence": 1}]'}, {STEPS: b"7"}):
        assert notes_of(metadata) == []


def test_a_state_is_all_of_a_provenance_but_the_instant() -> None:
    assert state_of(Provenance("a" * 64, AT, "1", "UTC Europe/Berlin")) == STATE
    assert state_of(Provenance("a" * 64, AT, "1")) == {"snapshot": "a" * 64, "code_version": "1"}
    assert state_of(None) is None


@pytest.mark.parametrize(
    ("known", "hours", "days"),
    [
        ((), 0, (7,)),  # the first step, and one after a file of older code
        ((2,), 0, (9,)),
        ((2,), 11, (9,)),
        ((2,), 12, (7, 2)),  # midnight
        ((2, 1), 24 * 3, (7, 0, 0, 2, 1)),
        ((2, 1), -24 * 3, (9, 1)),  # a clock that was set back
        ((2, 1), 24 * 10_000, (7, *[0] * (DAYS - 1))),
        (tuple(range(1, DAYS + 1)), 24, (7, *range(1, DAYS))),
    ],
)
def test_a_step_counts_on_from_the_one_before(known: tuple[int, ...], hours: int, days: tuple[int, ...]) -> None:
    before = StepNote(0, BEGUN, AT, {"sessions": STATE}, days=known)
    after = days_after(before, AT + timedelta(hours=hours), 7)
    assert after == days
    assert notes_of({STEPS: notes_json([replace(before, days=after)])})[0].days == days


def test_nothing_is_before_the_first_step() -> None:
    assert days_after(None, AT, 0) == (0,)
