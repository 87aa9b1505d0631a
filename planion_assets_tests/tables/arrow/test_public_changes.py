"""Changes for anybody: they lead from each published state to the last, and tell nothing of what is not published."""

import json
from dataclasses import replace
from typing import Any

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.arrow.diff import change_rows, declared_columns, step_differences
from planion_assets.tables.arrow.public_changes import removed, strike, strike_columns
from planion_assets.tables.arrow.replay import applied
from planion_assets.tables.arrow.row_text import spelled_rows
from planion_assets.tables.catalog import table
from planion_assets.tables.history import ADDED, CHANGED, LINK, REMOVED, SESSION
from planion_assets.tables.published_changes import PUBLISHED_CHANGES
from planion_assets_tests.tables.arrow.test_diff import FIRST, half_as_many
from planion_assets_tests.tables.items import KEY, Item

_Tables = dict[str, pa.Table]


def _published(state: list[Any]) -> _Tables:
    tables = [table(tracked.table) for tracked in PUBLISHED_CHANGES.tracked]
    builder = Builder(KEY, [Item(content) for content in state], together=tables)
    return {one.name: builder.build(one).data for one in tables}


def _step(before: _Tables, after: _Tables, number: int = 1) -> pa.Table:
    states = {name: (rows, after[name]) for name, rows in before.items()}
    found = step_differences(PUBLISHED_CHANGES.tracked, KEY, states)
    changes = [change for of_table in found.values() for change in of_table]
    return change_rows(PUBLISHED_CHANGES, KEY, replace(FIRST, sequence=number), changes)


def _history(states: list[_Tables]) -> list[pa.Table]:
    """The steps between the states, each struck of what the later ones remove."""
    steps: list[pa.Table] = []
    for number in range(1, len(states)):
        steps.append(_step(states[number - 1], states[number], number))
        for tracked in PUBLISHED_CHANGES.tracked:
            gone = removed(tracked, steps[-1])
            for place in reversed(range(len(steps) - 1)):
                steps[place], gone = strike(tracked, steps[place], gone)
    return steps


def _found(before: list[Any], after: list[Any]) -> list[tuple[Any, ...]]:
    names = ["entity", "kind", "schedid", "pslinkid", "column_name", "changed_columns", "old", "new"]
    return [tuple(row.values()) for row in _step(_published(before), _published(after)).select(names).to_pylist()]


ONE = {"schedid": "1", "published": True, "roomname": "A", "sessionName": "Ice"}


def test_each_session_that_changed_has_one_row_in_which_null_is_not_unchanged() -> None:
    rows = _found([ONE], [ONE | {"roomname": None, "sessionName": "Eis"}])
    columns = '["session_name","roomname"]'
    old, new = '{"session_name":"Ice","roomname":"A"}', '{"session_name":"Eis","roomname":null}'
    assert rows == [
        (SESSION, CHANGED, "1", None, "roomname", None, "A", None),
        (SESSION, CHANGED, "1", None, "session_name", None, "Ice", "Eis"),
        (SESSION, CHANGED, "1", None, None, columns, old, new),
    ]


def test_what_is_published_is_added_and_what_is_unpublished_removed_without_a_value() -> None:
    link = {"pslinkid": "7", "role": "Chair", "lname": "Known", "published": True}
    hidden = ONE | {"published": False, "speakers": [link]}
    visible = ONE | {"speakers": [link, link | {"pslinkid": "8", "lname": "Secret", "published": False}]}
    added = _found([hidden], [visible])
    assert [row[:4] for row in added] == [(SESSION, ADDED, "1", None), (LINK, ADDED, "1", "7")]
    assert json.loads(added[1][-1])["lname"] == "Known"
    assert [row[1:] for row in _found([visible], [hidden])] == [
        (REMOVED, "1", None, None, None, None, None),
        (REMOVED, "1", "7", None, None, None, None),
    ]
    assert _found([hidden], [hidden | {"roomname": "B"}]) == []
    assert "Secret" not in repr(added)


def test_values_of_a_column_that_is_none_any_more_are_struck() -> None:
    declared = {entity: names - {"roomname"} for entity, names in declared_columns(PUBLISHED_CHANGES).items()}
    steps = [
        _step(_published(before), _published(after))
        for before, after in (([], [ONE]), ([ONE], [ONE | {"roomname": "B", "sessionName": "Eis"}]))
    ]
    added, changed = (
        strike_columns(step, declared).select(["column_name", "old", "new"]).to_pylist() for step in steps
    )
    assert json.loads(added[0]["new"]) == {"account": "AAA", "conference": "AM2026"} | {
        name: text for name, text in json.loads(steps[0]["new"][0].as_py()).items() if name != "roomname"
    }
    assert [tuple(row.values()) for row in changed] == [
        ("roomname", None, None),
        ("session_name", "Ice", "Eis"),
        (None, '{"session_name":"Ice"}', '{"session_name":"Eis"}'),
    ]
    assert strike_columns(steps[1], declared_columns(PUBLISHED_CHANGES)).equals(steps[1])


_ROOMS = st.sampled_from(["room one", "room two", None])
_LINK = st.fixed_dictionaries(
    {"pslinkid": st.sampled_from(["l1", "l2", "l3", None]), "published": st.booleans()},
    optional={"role": _ROOMS, "pid": st.sampled_from(["p1", "p2"])},
)


@st.composite
def _states(draw: st.DrawFn) -> list[list[Any]]:
    """States in which each value of a session and of an engagement names the one that it is of."""
    states = []
    for _ in range(draw(st.integers(2, 6))):
        state = []
        for schedid in draw(st.sets(st.sampled_from(["s1", "s2"]))):
            links = [
                link | {"lname": f"name of {schedid} {link['pslinkid']} {link.get('pid')}"}
                for link in draw(st.lists(_LINK, max_size=4))
            ]
            session = {"schedid": schedid, "published": draw(st.booleans()), "speakers": links}
            state.append(session | {"roomname": draw(_ROOMS), "sessionName": f"title of {schedid}"})
        states.append(state)
    return states


def _link(number: int, published: bool = True) -> dict[str, Any]:
    return {"pslinkid": f"l{number}", "published": published, "lname": f"name of s1 l{number} None"}


def _session(*links: Any) -> list[Any]:
    return [{"schedid": "s1", "published": True, "sessionName": "title of s1", "speakers": links}]


@half_as_many
@given(_states())
@example([_session(_link(1)), _session(_link(2), _link(1)), _session(_link(2), _link(1, published=False))])
@example([[], _session(_link(1)), _session(_link(2), _link(1)), _session(_link(2)), _session(_link(2), _link(1)), []])
def test_public_changes_lead_from_each_state_to_the_last_and_name_nobody_who_is_unpublished(
    states: list[list[Any]],
) -> None:
    tables = [_published(state) for state in states]
    for length in range(2, len(states) + 1):
        steps = _history(tables[:length])
        text = repr([step.to_pylist() for step in steps])
        last = {
            value
            for one in tables[length - 1].values()
            for name in ("session_name", "lname")
            if name in one.column_names
            for value in one[name].to_pylist()
        }
        every = {f"title of {s}" for s in ("s1", "s2")} | {
            f"name of {s} {link} {pid}"
            for s in ("s1", "s2")
            for link in ("l1", "l2", "l3", None)
            for pid in ("p1", "p2", None)
        }
        assert [value for value in every - last if value in text] == []
        for tracked in PUBLISHED_CHANGES.tracked:
            for start in range(length - 1):
                rows = applied(tracked, spelled_rows(tables[start][tracked.table]), pa.concat_tables(steps[start:]))
                ends = spelled_rows(tables[length - 1][tracked.table])
                assert sorted(map(repr, (_full(row) for row in rows))) == sorted(map(repr, map(_full, ends)))


def _full(row: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in row.items() if value is not None)
