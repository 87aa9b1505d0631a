"""Lists in the shapes that they come in: `speakers`, `tracks`, `resources`."""

from typing import Any

import pytest

from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.fields.lists import entries
from planion_assets.tables.fields.values import Unreadable
from planion_assets.tables.model import Table
from planion_assets.tables.quality.feed import values_are_readable
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.session_tracks import SESSION_TRACKS
from planion_assets.tables.sessions import SESSIONS
from planion_assets.tables.speaker_resources import SPEAKER_RESOURCES
from planion_assets_tests.tables.items import KEY, Item, build, rows
from planion_assets_tests.tables.test_quality import contents_of_items

A, B, C = {"pid": "1"}, {"pid": "2"}, {"pid": "3"}


@pytest.mark.parametrize("value", ["x", "[{}]", 5, 0, 1.5, True, False, {"0": A, "x": B}, {"$numberLong": "5"}])
def test_what_is_no_list_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable):
        entries(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, []),
        ("", []),
        (" ", []),
        ("\u00a0", []),
        ([], []),
        ({}, []),
        ({"$undefined": True}, []),
        ({"0": A, "3": B}, [A, B]),
        ({"10": C, "9": B, "0": A}, [A, B, C]),
        ({"1": A, "007": C, "2": B}, [A, B, C]),
        ({"9" * 5000: B, "1": A}, [A, B]),
        ({"0": "Posters", "2": None}, ["Posters", None]),
        ({"5": A}, [A]),
        (A, [A]),
        ({"-1": A}, [{"-1": A}]),
        ({"\u0661": A}, [{"\u0661": A}]),
        ([A, B], [A, B]),
        ([[A]], [A]),
        ([[A, B], C], [A, B, C]),
        ([[], A, []], [A]),
        ([[[A]]], [A]),
        ([A, [[B], [[[C]], []]]], [A, B, C]),
        ({"0": [[A]], "1": [[[B]]]}, [A, B]),
        ([[{"0": A}]], [{"0": A}]),
        ({"0": [A, B], "1": C}, [A, B, C]),
        ([None, "x", 5], [None, "x", 5]),
    ],
)
def test_a_list_is_read_in_any_shape(value: Any, expected: list[Any]) -> None:
    assert entries(value) == expected


def test_the_tables_of_entries_have_a_row_for_each_in_order() -> None:
    speakers = {
        "3": {"pid": 3, "resources": {"type": "pdf"}},
        "0": [{"pid": 1}, {"pid": 2, "resources": [[{"url": "u"}]]}],
    }
    session = {"schedid": "9", "speakers": speakers, "tracks": {"1": {"track": "A"}, "0": "B"}}
    links = build(SESSION_SPEAKERS, session).sort_by("position")
    assert links["pid"].to_pylist() == ["1", "2", "3"]
    assert links["position"].to_pylist() == [0, 1, 2]
    assert links["resources"].to_pylist() == [None, '[{"url":"u"}]', '[{"type":"pdf"}]']
    assert [row[2:7] for row in rows(SPEAKER_RESOURCES, session)] == [
        (1, 0, None, None, "u"),
        (2, 0, "pdf", None, None),
    ]
    assert rows(SESSION_TRACKS, session) == [("9", 0, "B", None), ("9", 1, "A", None)]
    assert build(SESSIONS, session)["tracks"].to_pylist() == ['[{"track":"B","desc":null},{"track":"A","desc":null}]']


@pytest.mark.parametrize("value", ["x", 5, True, {"0": {}, "x": {}}])
def test_what_is_no_list_is_counted_and_named(value: Any) -> None:
    session = {"schedid": "9", "speakers": value, "tracks": value}
    assert rows(SESSION_SPEAKERS, session) == rows(SESSION_TRACKS, session) == []
    assert values_are_readable.find(
        contents_of_items(session, {"schedid": "8", "speakers": [{"resources": value}]})
    ) == [
        ("9", "sessions", "tracks", 1),
        ("8", "session_speakers", "resources", 1),
        ("9", "session_speakers", "speakers", 1),
    ]


@pytest.mark.parametrize("entry", ["12", 12, True, None, {"items": [{"pid": "1"}]}, {"first": "A"}])
def test_an_entry_that_is_no_engagement_is_kept_as_extra_and_counted_once_for_its_session(entry: Any) -> None:
    session = {"schedid": "9", "speakers": [{"PID": "1"}, entry, entry]}
    assert build(SESSION_SPEAKERS, session)["extra"].null_count == (3 if entry is None else 1)
    assert values_are_readable.find(contents_of_items(session)) == [("9", "session_speakers", "speakers", 1)]


@pytest.mark.parametrize("value", [None, "", " ", [], {}])
@pytest.mark.parametrize("table", [SESSIONS, SESSION_SPEAKERS, SESSION_TRACKS], ids=lambda table: table.name)
def test_no_value_is_nothing_to_count(table: Table, value: Any) -> None:
    session = {"schedid": "9", "speakers": value, "tracks": value}
    assert build_table(table, KEY, [Item(session)]).unreadable == ()
    assert build(SESSIONS, session)["tracks"].to_pylist() == ["[]" if value in ([], {}) else None]


def test_people_are_counted_without_an_example() -> None:
    built = build_table(SESSION_SPEAKERS, KEY, [Item({"schedid": "9", "speakers": "Wilhelmina"})])
    assert [(bad.column, bad.count, bad.examples, bad.schedids) for bad in built.unreadable] == [
        ("speakers", 1, (), ("9",))
    ]
