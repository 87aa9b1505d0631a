"""Restatements: the same snapshot read with another zone or by other code, as changes that lead there and back."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.tables.arrow import diff
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.diff import ENTITIES, change_rows, differences
from planion_assets.tables.arrow.replay import undone as undone_rows
from planion_assets.tables.arrow.row_text import spelled_rows, table_of
from planion_assets.tables.history import ADDED, CHANGED, REMOVED, RESTATED
from planion_assets.tables.model import Zones
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.tables.arrow.applied import applied, undone
from planion_assets_tests.tables.arrow.test_diff import FIRST, SNAPSHOT, ZONES, exact, items
from planion_assets_tests.tables.items import KEY, build


def _differences(before: pa.Table, after: pa.Table, number: int) -> pa.Table:
    step = replace(FIRST, sequence=1, before="a", after="a", cause=RESTATED)
    tracked = SESSION_CHANGES.tracked[number]
    return change_rows(SESSION_CHANGES, KEY, step, differences(tracked, KEY, before, after))


@given(SNAPSHOT, st.sampled_from([Zones(), Zones("Asia/Tokyo", "Europe/Berlin")]))
def test_a_restatement_leads_from_the_tables_of_one_zone_to_those_of_another_and_back(
    state: list[Any], zones: Zones
) -> None:
    for number, table in enumerate(ENTITIES.values()):
        old, new = (build_table(table, KEY, items(state), one).data for one in (ZONES, zones))
        changes = _differences(old, new, number)
        assert set(changes["cause"].to_pylist()) <= {RESTATED}
        assert set(changes["column_name"].to_pylist()) <= {column.name for column in table.columns if column.derive}
        assert exact(applied(table, old, changes)) == exact(new)
        assert exact(undone(table, new, changes)) == exact(old)


def test_columns_that_other_code_adds_or_takes_away_are_changes_of_each_row_that_has_a_value() -> None:
    state = [{"schedid": "1", "roomname": "A", "hotelname": "X"}, {"schedid": "2", "roomname": None}]
    new = build(SESSIONS, *state)
    old = new.drop_columns(["roomname", "hotelname"]).append_column("floor", pa.array(["1st", None]))
    changes = _differences(old, new, 0)
    names = ["kind", "schedid", "column_name", "old", "new"]
    assert [tuple(row.values()) for row in changes.select(names).to_pylist()] == [
        (CHANGED, "1", "floor", "1st", None),
        (CHANGED, "1", "hotelname", None, "X"),
        (CHANGED, "1", "roomname", None, "A"),
    ]
    assert applied(SESSIONS, old, changes).equals(new)
    back = undone_rows(SESSION_CHANGES.tracked[0], spelled_rows(new), changes)
    owners = {"account": KEY.account, "conference": KEY.conference}
    assert table_of(back, old.schema, SESSIONS.key, owners).equals(old)


def test_equal_tables_have_no_differences_and_rows_that_differ_are_compared_alone() -> None:
    before = build(SESSIONS, *({"schedid": str(number), "roomname": "A"} for number in range(1200)))
    after = build(SESSIONS, *({"schedid": str(n), "roomname": "B" if n == 700 else "A"} for n in range(1200)))
    assert _differences(before, before, 0).num_rows == 0
    assert _differences(before, after, 0)["schedid"].to_pylist() == ["700"]


def test_rows_of_which_columns_are_compared_differ_as_their_texts_do(monkeypatch: pytest.MonkeyPatch) -> None:
    day = {"startDate": "2026-11-24", "startTime": "08:00"}
    old = build(SESSIONS, {"schedid": "1", **day}, {"schedid": "2"}, {"schedid": "3", "roomname": "A"})
    new = build(SESSIONS, {"schedid": "1", "startTime": "08:00"}, {"schedid": "2"}, {"schedid": "4", "roomname": "A"})
    by_text = differences(SESSION_CHANGES.tracked[0], KEY, old, new)
    assert {(change.kind, change.row["schedid"]) for change in by_text} >= {
        (CHANGED, "1"),
        (REMOVED, "3"),
        (ADDED, "4"),
    }
    monkeypatch.setattr(diff, "_FEW", 0)
    assert differences(SESSION_CHANGES.tracked[0], KEY, old, new) == by_text
    assert differences(SESSION_CHANGES.tracked[0], KEY, old, old) == []
