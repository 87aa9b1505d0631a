"""What changed between two snapshots: applied to the one state it gives the other, whatever the feed sends."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.diff import ENTITIES, Counts, Step, between, counts
from planion_assets.tables.arrow.replay import MisfitError
from planion_assets.tables.arrow.row_text import read_back, spelled
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.history import ADDED, CHANGED, LINK, REMOVED, SESSION
from planion_assets.tables.model import Value, Zones
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.small_sandbox import small_sandbox
from planion_assets_tests.tables.arrow.applied import applied, undone
from planion_assets_tests.tables.items import KEY, Item, build

ZONES = Zones(feed="Europe/Berlin", venue="America/Chicago")
SESSIONS_TRACKED, LINKS_TRACKED = SESSION_CHANGES.tracked
OWNED = '{"account":"AAA","conference":"AM2026",'
FIRST = Step(1, datetime(2026, 11, 20, 8, 30, tzinfo=UTC), "a" * 64, "b" * 64)


def items(contents: list[Any]) -> list[Item]:
    return [Item(content) for content in contents]


def _between(before: list[Any], after: list[Any], step: Step = FIRST) -> pa.Table:
    return between(KEY, items(before), items(after), step, ZONES)


def _found(before: list[Any], after: list[Any]) -> list[tuple[Any, ...]]:
    names = ["entity", "kind", "schedid", "pslinkid", "position", "column_name", "old", "new"]
    return [tuple(row.values()) for row in _between(before, after).select(names).to_pylist()]


def exact(table: pa.Table) -> list[tuple[Any, ...]]:
    """The rows with every value spelled out, in which 0.0 is not -0.0."""
    return [tuple(spelled(value) for value in row.values()) for row in table.to_pylist()]


def test_changes_of_another_state_are_refused() -> None:
    before, after = [{"schedid": "1", "roomname": "A"}], [{"schedid": "1", "roomname": "B"}]
    changes = _between(before, after)
    other = build(SESSIONS, {"schedid": "1", "roomname": "C"})
    with pytest.raises(MisfitError, match=r"roomname of row \('1',\) is not what change 1 was made from"):
        applied(SESSIONS, other, changes)
    with pytest.raises(MisfitError, match=r"there is no row \('1',\) to be changed by change 1"):
        applied(SESSIONS, build(SESSIONS), changes)
    arrival = _between([], after)
    with pytest.raises(MisfitError, match="change 1 leaves two rows in one place"):
        applied(SESSIONS, other, arrival)
    with pytest.raises(MisfitError, match=r"there is no row \('1',\) to be removed by change 1"):
        undone(SESSIONS, build(SESSIONS), arrival)
    with pytest.raises(MisfitError, match=r"roomname of row \('1',\) is not what change 1 was made from"):
        undone(SESSIONS, other, changes)


def test_a_changed_room_is_one_row_with_the_value_before_and_after() -> None:
    before = {"schedid": "1", "roomname": "A", "credits1": "1.0", "published": 1, "speakers": [{"pslinkid": "7"}]}
    after = before | {"roomname": "B", "credits1": None, "published": "true"}
    assert _found([before, {"schedid": "2"}], [{"schedid": "2"}, after]) == [
        (SESSION, CHANGED, "1", None, None, "credits1", "1.0", None),
        (SESSION, CHANGED, "1", None, None, "roomname", "A", "B"),
    ]
    row = _between([before], [after]).to_pylist()[0]
    assert (row["account"], row["conference"], row["sequence"]) == (KEY.account, KEY.conference, 1)
    assert (row["detected_at"], row["snapshot_before"], row["snapshot_after"]) == (
        FIRST.detected_at,
        FIRST.before,
        FIRST.after,
    )


def test_an_added_and_a_removed_row_carry_all_their_values() -> None:
    one = {"schedid": "1", "sessionName": "Ice", "ticketed": False}
    two = {"schedid": "2", "rstartmins": "90", "speakers": [{"pslinkid": "7", "role": "Chair"}]}
    assert _found([one], [two]) == [
        (
            SESSION,
            REMOVED,
            "1",
            None,
            None,
            None,
            OWNED + '"schedid":"1","session_name":"Ice","ticketed":"false"}',
            None,
        ),
        (SESSION, ADDED, "2", None, None, None, None, OWNED + '"schedid":"2","rstartmins":"90"}'),
        (
            LINK,
            ADDED,
            "2",
            "7",
            0,
            None,
            None,
            OWNED
            + '"pslinkid":"7","schedid":"2","position":"0","role":"Chair","declined":"false","display_position":"1"}',
        ),
    ]


def test_a_link_that_goes_moves_the_others_and_changes_nothing_else_of_them() -> None:
    links: list[Any] = [{"pslinkid": "7"}, {"pslinkid": "8"}, {"pid": "1"}, {"pid": "1", "role": "x"}, "text"]
    changes = _found([{"schedid": "1", "speakers": links}], [{"schedid": "1", "speakers": links[1:]}])
    assert [change for change in changes if change[5] not in ("position", "display_position")] == [
        (
            LINK,
            REMOVED,
            "1",
            "7",
            0,
            None,
            OWNED + '"pslinkid":"7","schedid":"1","position":"0","declined":"false","display_position":"1"}',
            None,
        )
    ]
    assert sorted(change[4:] for change in changes if change[5] == "position") == [
        (place, "position", str(place), str(place - 1)) for place in (1, 2, 3, 4)
    ]
    assert sorted(change[4:] for change in changes if change[5] == "display_position") == [
        (place, "display_position", str(place + 1), str(place)) for place in (1, 2, 3, 4)
    ]


def test_links_without_an_identifier_are_known_by_their_person() -> None:
    before = [{"schedid": "1", "speakers": [{"pid": "1", "role": "a"}, {"pid": "2", "role": "a"}]}]
    after = [{"schedid": "1", "speakers": [{"pid": "3", "role": "a"}, {"pid": "2", "role": "b"}]}]
    assert [change[1:7] for change in _found(before, after)] == [
        (ADDED, "1", None, 0, None, None),
        (
            REMOVED,
            "1",
            None,
            0,
            None,
            OWNED + '"schedid":"1","pid":"1","position":"0","role":"a","declined":"false","display_position":"1"}',
        ),
        (CHANGED, "1", None, 1, "role", "a"),
    ]


def test_what_no_table_shows_is_no_change() -> None:
    before = [{"schedid": "1", "updated_at": "2026-01-01 00:00:00"}, {"no": "schedid"}]
    after = [{"schedid": "1", "updated_at": "2026-01-02 00:00:00"}, "text"]
    assert _found(before, after) == []
    assert _between(before, after).schema.equals(schema_of(SESSION_CHANGES), check_metadata=True)


def test_counts_are_of_rows_and_not_of_columns() -> None:
    before = [{"schedid": "1", "roomname": "A", "speakers": [{"pslinkid": "7"}]}, {"schedid": "2"}]
    after = [{"schedid": "1", "roomname": "B", "sessionName": "x", "speakers": []}, {"schedid": "3"}, {"schedid": "4"}]
    changes = _between(before, after)
    assert counts(changes, SESSIONS_TRACKED) == Counts(added=2, removed=1, changed=1)
    assert counts(changes, LINKS_TRACKED) == Counts(removed=1)


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (None, None, pa.bool_()),
        ("null", "null", pa.string()),
        (True, "true", pa.bool_()),
        (False, "false", pa.bool_()),
        (-(2**31), "-2147483648", pa.int32()),
        (0.1 + 0.2, "0.30000000000000004", pa.float64()),
        (-0.0, "-0.0", pa.float64()),
        (5e-324, "5e-324", pa.float64()),
        (date(1, 1, 1), "0001-01-01", pa.date32()),
        (datetime(2024, 11, 3, 1, 30, 0, 1), "2024-11-03T01:30:00.000001", pa.timestamp("us")),  # noqa: DTZ001
        (datetime(2024, 11, 3, tzinfo=UTC), "2024-11-03T00:00:00+00:00", pa.timestamp("us", tz="UTC")),
    ],
)
def test_a_value_has_one_spelling_that_gives_it_back(value: Value, text: str | None, kind: pa.DataType) -> None:
    assert spelled(value) == text
    assert repr(read_back(text, kind)) == repr(value)
    # What Arrow hands out is spelled like what was put in.
    assert spelled(pa.array([value], kind)[0].as_py()) == text


def test_every_type_that_a_column_has_can_be_read_back() -> None:
    for table in ENTITIES.values():
        for field in schema_of(table):
            assert read_back(None, field.type) is None
            if field.type != pa.string():
                with pytest.raises(ValueError, match="no such value"):
                    read_back("no such value", field.type)


_IDS: st.SearchStrategy[Any] = st.sampled_from([None, "", "1", "2", 3, {}])
_TEXT: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "null", "a", "b", "nul \0", "half \ud800", 1, {"a": 1}, ["a"]]
)
_SPEAKER = st.one_of(
    st.fixed_dictionaries({}, optional={"pslinkid": _IDS, "pid": _IDS, "role": _TEXT, "published": _TEXT, "_x": _TEXT}),
    _TEXT,
)
_SESSION = st.fixed_dictionaries(
    {"schedid": st.sampled_from(["1", "2", "3", 3, None, ""])},
    optional={
        "sessionName": _TEXT,
        "published": st.sampled_from([True, 0, "maybe", None]),
        "credits1": st.sampled_from(["0.0", "-0.0", "1e400", 0.1, 10**30]),
        "rstartmins": st.sampled_from(["90", 90.0, "x"]),
        "startDate": st.sampled_from(["2024-11-03", "0001-01-01", "2024-02-30"]),
        "startTime": st.sampled_from(["01:30 am", "12:30 am", "25:99 xm"]),
        "session_updated_at": st.sampled_from(["2026-01-01 00:00:00", "2026-01-02 00:00:00", "0000-00-00 00:00:00"]),
        "_links": _TEXT,
        "unknown": _TEXT,
        "speakers": st.one_of(st.none(), st.just({}), st.lists(_SPEAKER, max_size=4)),
    },
)
SNAPSHOT = st.lists(st.one_of(_SESSION, _TEXT), max_size=5)
half_as_many = settings(max_examples=settings().max_examples // 2)
"""For tests whose every example has several states: half of the examples that others have."""
_SAME_LINKS = [{"pslinkid": "1", "role": "a"}, {"pslinkid": "1", "role": "b"}, {"pslinkid": "1", "role": "a"}]


@half_as_many
@given(st.lists(SNAPSHOT, min_size=2, max_size=5))
@example([[], [{"schedid": "1"}], []])
@example([[{"schedid": "1", "credits1": "0.0"}], [{"schedid": "1", "credits1": "-0.0"}]])
@example([[{"schedid": "1", "speakers": _SAME_LINKS}], [{"schedid": "1", "speakers": _SAME_LINKS[::-1][1:]}]])
@example([[{"schedid": "1", "speakers": ["a", None, "a"]}], [{"schedid": "1", "speakers": [None, "a", {}]}]])
def test_the_changes_of_any_history_lead_exactly_from_each_state_to_the_next(states: list[list[Any]]) -> None:
    steps = [
        replace(FIRST, sequence=number, before=str(number - 1), after=str(number)) for number in range(1, len(states))
    ]
    found = [_between(states[n], states[n + 1], step) for n, step in enumerate(steps)]
    for table in ENTITIES.values():
        tables = [build_table(table, KEY, items(state), ZONES).data for state in states]
        for number, changes in enumerate(found):
            after = applied(table, tables[number], changes)
            assert after.schema.equals(tables[number + 1].schema, check_metadata=True)
            assert exact(after) == exact(tables[number + 1])
            assert after.equals(tables[number + 1])
            assert exact(undone(table, tables[number + 1], changes)) == exact(tables[number])
        whole = applied(table, tables[0], pa.concat_tables(reversed(found)))
        assert exact(whole) == exact(tables[-1])
        assert exact(undone(table, tables[-1], pa.concat_tables(found))) == exact(tables[0])


@given(SNAPSHOT)
def test_equal_states_have_no_changes_in_whatever_order_they_come(state: list[Any]) -> None:
    assert _found(state, state[::-1]) == []


def test_a_real_conference_moves_on_exactly_and_costs_what_has_changed() -> None:
    sandbox = small_sandbox(60, ["AAA|AM2036"])
    states = [sandbox.items("AAA", "AM2036")]
    for hours in range(1, 6):
        sandbox.advance(datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hours))
        states.append(sandbox.items("AAA", "AM2036"))
    kinds = set()
    for before, after in itertools.pairwise(states):
        changes = _between(before, after)
        assert 0 < changes.num_rows < 200
        kinds |= {(row["entity"], row["kind"]) for row in changes.to_pylist()}
        for table in (SESSIONS, SESSION_SPEAKERS):
            old, new = (build_table(table, KEY, items(state), ZONES).data for state in (before, after))
            assert applied(table, old, changes).equals(new)
        digests = {json.dumps(content, sort_keys=True) for content in before}
        touched = [content for content in after if json.dumps(content, sort_keys=True) not in digests]
        named = set(changes["schedid"].to_pylist())
        assert {content["schedid"] for content in touched} <= named
    assert {(SESSION, ADDED), (SESSION, REMOVED), (SESSION, CHANGED), (LINK, ADDED), (LINK, CHANGED)} <= kinds
