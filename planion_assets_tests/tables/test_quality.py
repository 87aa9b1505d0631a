"""What each check finds, in tables with nulls and worse: failing first, then what it must not find."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.unreadable import UnreadableValues
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Table
from planion_assets.tables.quality import clashes, feed, links, session_checks
from planion_assets.tables.quality.check_catalog import CHECKS
from planion_assets.tables.quality.model import Check, Contents, Offender
from planion_assets.tables.rejected_items import NO_SCHEDID, OUTDATED, REJECTED_ITEMS
from planion_assets.tables.rejections import NO_OBJECT
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS
from planion_assets.tables.speakers import SPEAKERS
from planion_assets_tests.cost import at_most
from planion_assets_tests.tables.items import KEY, Item, build

DAY = "2026-05-01"


def contents_of_items(*items: Any) -> Contents:
    builder = Builder(KEY, [Item(item) for item in items], together=TABLES)
    built = {table.name: builder.build(table) for table in TABLES}
    unreadable = {name: {bad.column: vars_of(bad) for bad in table.unreadable} for name, table in built.items()}
    return Contents({name: table.data for name, table in built.items()}, unreadable)


def vars_of(bad: UnreadableValues) -> dict[str, Any]:
    """The note of unreadable values as the footer has it."""
    return {"count": bad.count, "examples": list(bad.examples), "schedids": list(bad.schedids)}


def _session(schedid: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"schedid": schedid, "startDate": DAY, "startTime": start, "endTime": end, "roomname": "A", **more}


def _pairs(offenders: Sequence[Offender]) -> list[tuple[Any, ...]]:
    return [offender[:2] for offender in offenders]


def _nulls(rows: int) -> Contents:
    """Each table with rows of nulls, as no code writes them but a schema allows."""
    return Contents({table.name: _with(table, rows) for table in TABLES})


def _with(table: Table, rows: int, **values: list[Any]) -> pa.Table:
    """That many rows of nulls, but for the columns that are given."""
    schema = schema_of(table)
    arrays = [
        pa.array(values[field.name], field.type) if field.name in values else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_takes_no_rows_and_rows_of_nulls(check: Check) -> None:
    assert list(check.find(contents_of_items())) == []
    for offender in check.find(_nulls(2)):
        assert len(offender) == len(check.columns)
        assert offender[0] is None


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_declaration_is_sound(check: Check) -> None:
    assert check.columns[0] in ("schedid", "pid")
    assert check.table in check.reads
    assert {*check.reads, *check.reads_where_there} <= {table.name for table in TABLES}
    assert check.because.endswith(".")
    assert not check.finds.endswith(".")
    personal = {column.name for table in TABLES for column in table.columns if column.personal}
    assert not set(check.columns) & personal


def test_a_session_that_ends_at_or_before_its_start_is_found() -> None:
    contents = contents_of_items(
        _session("1", "10:00 am", "09:00 am", endDate=DAY),
        _session("2", "10:00 am", "10:00 am", endDate=DAY),
        _session("3", "10:00 am", "10:01 am", endDate=DAY),
        _session("4", "11:00 pm", "01:00 am"),
        _session("5", "10:00 am", ""),
        _session("6", "", "10:00 am"),
    )
    assert [offender[0] for offender in session_checks.session_ends_after_start.find(contents)] == ["1", "2"]
    assert session_checks.session_ends_after_start.find(contents)[0] == ("1", f"{DAY} 10:00:00", f"{DAY} 09:00:00")
    assert session_checks.session_has_length.find(contents) == []


def test_a_session_of_no_length_is_found_and_is_no_error() -> None:
    contents = contents_of_items(
        _session("1", "12:00 pm", "12:00 pm"),
        _session("2", "12:00 pm", "12:00 pm", endDate="TBD"),
        _session("3", "12:00 pm", "12:00 pm", endDate=DAY),
        _session("4", "12:00 pm", "12:01 pm"),
        _session("5", "11:00 pm", "01:00 am", endDate=DAY),
        _session("6", "11:00 pm", "01:00 am", endDate="2026-04-30"),
        _session("7", "10:00 am", "09:00 am"),
    )
    assert [offender[0] for offender in session_checks.session_has_length.find(contents)] == ["1", "2"]
    assert [offender[0] for offender in session_checks.session_ends_after_start.find(contents)] == ["3", "6", "7"]
    assert session_checks.session_lasts_a_day_at_most.find(contents) == []


def test_who_declined_and_is_published_all_the_same_is_found() -> None:
    roles = ["Declined Session Presenter", "Withdrawn Chair", "Eval Contact", "Presenter"]
    speakers = [{"pslinkid": f"{n}", "role": role, "published": True} for n, role in enumerate(roles)]
    hidden = [{"pslinkid": "9", "role": "Declined", "published": None}]
    contents = contents_of_items(
        {"schedid": "1", "published": True, "speakers": speakers + hidden},
        {"schedid": "2", "published": False, "speakers": speakers},
    )
    found = links.declined_is_not_published.find(contents)
    assert found == [("1", f"{n}", role) for n, role in enumerate(roles[:3])]


def test_a_session_of_more_than_a_day_is_found_and_one_of_a_day_is_not() -> None:
    contents = contents_of_items(
        _session("1", "10:00 am", "10:01 am", endDate="2026-05-02"),
        _session("2", "10:00 am", "10:00 am", endDate="2026-05-02"),
        _session("3", "10:00 am", "10:00 am"),
    )
    assert [offender[0] for offender in session_checks.session_lasts_a_day_at_most.find(contents)] == ["1"]


def test_a_published_session_without_date_or_room_is_found() -> None:
    contents = contents_of_items(
        {"schedid": "1", "published": True},
        {"schedid": "2", "published": 1, "startDate": DAY, "roomname": " "},
        {"schedid": "3", "published": "1", "roomid": 7},
        {"schedid": "4", "published": True, "startDate": DAY, "sched_roomname": "Building: A"},
        {"schedid": "5", "published": False},
        {"schedid": "6", "published": None},
        {"schedid": "7", "published": "maybe"},
    )
    assert session_checks.published_session_is_placed.find(contents) == [
        ("1", "date and room"),
        ("2", "room"),
        ("3", "date"),
    ]


def test_of_sessions_in_one_room_those_that_begin_within_another_are_found() -> None:
    contents = contents_of_items(
        _session("1", "09:00 am", "12:00 pm"),
        _session("2", "09:30 am", "10:00 am"),
        _session("3", "10:00 am", "10:30 am", roomname=" a "),
        _session("4", "12:00 pm", "01:00 pm"),
        _session("5", "09:00 am", "12:00 pm", hotelname="Elsewhere"),
        _session("6", "09:00 am", "12:00 pm", roomname="", roomid="7"),
        _session("7", "11:59 am", "01:00 pm", roomname=None, roomid=7),
        _session("8", "09:00 am", "12:00 pm", roomname=""),
        _session("9", "12:30 pm", "12:30 pm", endDate=DAY),
    )
    assert _pairs(clashes.room_is_not_double_booked.find(contents)) == [("7", "6"), ("2", "1"), ("3", "1")]


def test_the_session_that_goes_on_longest_is_the_one_that_is_named() -> None:
    contents = contents_of_items(
        _session("1", "09:00 am", "09:10 am"),
        _session("2", "09:05 am", "11:00 am"),
        _session("3", "09:20 am", "09:30 am"),
    )
    assert _pairs(clashes.room_is_not_double_booked.find(contents)) == [("2", "1"), ("3", "2")]


def test_a_person_in_two_sessions_at_once_is_found() -> None:
    def engaged(pid: Any, role: Any = "Presenter", published: Any = True) -> dict[str, Any]:
        return {"pid": pid, "role": role, "published": published}

    contents = contents_of_items(
        _session("1", "09:00 am", "10:00 am", speakers=[engaged(1), engaged(1, "Moderator"), engaged(2), engaged(3)]),
        _session(
            "2", "09:30 am", "10:30 am", speakers=[engaged("1"), engaged(2, " DECLINED Presenter"), engaged(None)]
        ),
        _session("3", "09:30 am", "10:30 am", speakers=[engaged(2, published=None), engaged(None), engaged(3, None)]),
        _session("4", "10:30 am", "11:00 am", speakers=[engaged(1), engaged(3)]),
    )
    offenders = clashes.person_is_in_one_session_at_a_time.find(contents)
    assert [offender[:3] for offender in offenders] == [("2", "1", "1"), ("3", "1", "3")]


def test_ten_thousand_sessions_at_once_take_no_time() -> None:
    count = 10_000
    schedids = [str(n) for n in range(count)]
    start, end = (datetime(2026, 5, 1, hour) for hour in (9, 10))  # noqa: DTZ001 - local to the venue
    places: dict[str, list[Any]] = {
        "starts_at_local": [start] * count,
        "ends_at_local": [end] * count,
        "roomname": ["A"] * count,
    }
    extra: dict[str, list[Any]] = {"extra": ['{"groups":[]}'] * count}
    engaged: dict[str, list[Any]] = {"pid": ["1"] * count, "published": [True] * count}
    contents = Contents(
        {
            **_nulls(count).tables,
            "sessions": _with(SESSIONS, count, schedid=schedids, **places, **extra),
            "session_speakers": _with(SESSION_SPEAKERS, count, schedid=schedids, **engaged, **extra),
        }
    )
    # Some fifteen rounds; every pair of them would take thousands.
    with at_most(250):
        found = {check.name: len(check.find(contents)) for check in CHECKS}
    assert found["room_is_not_double_booked"] == found["person_is_in_one_session_at_a_time"] == count - 1
    assert found["fields_are_known"] == 2


@pytest.mark.parametrize("odd", ["9999-12-31", "2262-04-12", "1677-09-20", "0001-01-01", "2046-05-03", "2006-04-29"])
def test_dates_of_another_time_than_the_conferences_are_found(odd: str) -> None:
    usual = [_session(str(n), "09:00 am", "10:00 am", session_updated_at=f"{DAY} 00:00:00") for n in range(3)]
    contents = contents_of_items(
        *usual,
        {"schedid": "7", "startDate": odd, "endDate": DAY, "session_updated_at": f"{odd} 10:00:00"},
        {"schedid": "8", "startDate": DAY, "endDate": odd, "schedule_updated_at": f"{DAY} 10:00:00"},
        {"schedid": "9", "startDate": "", "session_updated_at": "never"},
    )
    assert session_checks.dates_are_plausible.find(contents) == [
        ("7", "start_date", odd),
        ("8", "end_date", odd),
        ("7", "session_updated_at", odd),
    ]
    stored = contents.tables["sessions"]["start_date"].to_pylist()
    assert str(stored[3]) == odd


def test_dates_within_twenty_years_are_not_found_nor_updates_long_after_the_programme() -> None:
    session = _session("1", "09:00 am", "10:00 am", endDate=DAY)
    for day in ("2046-04-30", "2006-05-02", DAY, ""):
        assert (
            session_checks.dates_are_plausible.find(
                contents_of_items(session, {**session, "schedid": "2", "startDate": day})
            )
            == []
        )
    old = [
        {"schedid": str(n), "startDate": "1996-05-01", "session_updated_at": "2026-01-01 00:00:00"} for n in range(3)
    ]
    assert session_checks.dates_are_plausible.find(contents_of_items(*old)) == []
    assert session_checks.dates_are_plausible.find(contents_of_items({"schedid": "1", "startDate": "9999-12-31"})) == []


def test_links_without_a_session_or_a_person_are_found() -> None:
    speakers = [{"pslinkid": "10", "pid": "1"}, {"pslinkid": "11", "pid": None}, {"pslinkid": "12", "pid": "2"}]
    contents = Contents(
        {
            "sessions": build(SESSIONS, {"schedid": "1"}),
            "session_speakers": build(SESSION_SPEAKERS, {"schedid": "1", "speakers": speakers}, _linked("2")),
            "speakers": build(SPEAKERS, {"pid": 1}, {"pid": None}, {"pid": 3}),
        }
    )
    assert links.links_have_session.find(contents) == [("2", "20", "3")]
    assert links.links_have_person.find(contents) == [("1", "11", None), ("1", "12", "2")]
    # Null is no key: not of a session, not of a person.
    assert len(links.links_have_session.find(_nulls(2))) == len(links.links_have_person.find(_nulls(2))) == 2


def _linked(schedid: str) -> dict[str, Any]:
    return {"schedid": schedid, "speakers": [{"pslinkid": "20", "pid": "3"}]}


@pytest.mark.parametrize("speakers", [{}, {"speakers": []}, {"speakers": None}, {"speakers": "A. Person"}])
def test_sessions_of_which_none_has_a_speaker_are_found_and_a_single_one_is_not(speakers: dict[str, Any]) -> None:
    sessions = [{"schedid": str(number), **speakers} for number in range(links.SPEAKERS_EXPECTED)]
    assert links.sessions_have_speakers.find(contents_of_items(*sessions)) == [
        (str(n),) for n in range(links.SPEAKERS_EXPECTED)
    ]
    assert links.sessions_have_speakers.find(contents_of_items(*sessions[1:])) == []
    assert links.sessions_have_speakers.find(contents_of_items(*sessions, _linked("9"))) == []


def test_a_role_without_a_person_is_found_and_an_entry_without_either_is_not() -> None:
    speakers = [{"role": "Chair", "pslinkid": "1"}, {"role": " ", "pid": " "}, {"role": "Chair", "pid": 1}, "x"]
    contents = contents_of_items({"schedid": "1", "speakers": speakers})
    assert links.roles_have_person.find(contents) == [("1", "1", "Chair")]


def test_unreadable_values_are_counted_by_column_with_their_sessions() -> None:
    contents = contents_of_items(
        *({"schedid": str(n), "published": "maybe", "speakers": [{"published": 5}] * 2} for n in range(5)),
        {"schedid": "9", "published": ""},
    )
    assert feed.values_are_readable.find(contents) == [
        ("0, 1, 2", "sessions", "published", 5),
        ("0, 1, 2", "session_speakers", "published", 10),
    ]


def test_fields_without_a_column_are_named_with_the_number_of_their_sessions() -> None:
    contents = contents_of_items(
        {"schedid": "1", "groups": [], "speakers": [{"badge": 1}, {"badge": 2}, "text"]},
        {"schedid": "2", "groups": None, "": 1},
        {"schedid": "3", "_id": "bookkeeping", "speakers": [{"pid": 1}]},
    )
    assert feed.fields_are_known.find(contents) == [
        ("2", "", 1),
        ("1, 2", "groups", 2),
        ("1", "speakers[].(no object)", 1),
        ("1", "speakers[].badge", 1),
    ]


def test_items_that_are_no_sessions_are_found_by_reason() -> None:
    contents = contents_of_items(None, {"schedid": " "}, {"schedid": {}}, {"schedid": "1"})
    assert [offender[:2] for offender in feed.nothing_is_rejected.find(contents)] == [
        (None, NO_SCHEDID),
        (None, NO_SCHEDID),
        (None, NO_OBJECT),
    ]
    assert len(feed.schedid_is_present.find(contents)) == 2
    loser = build(REJECTED_ITEMS, {}).to_pylist()[0] | {"schedid": "7", "reason": OUTDATED}
    rows = pa.Table.from_pylist([loser], schema_of(REJECTED_ITEMS))
    assert feed.nothing_is_rejected.find(Contents({"rejected_items": rows}))[0][:2] == ("7", OUTDATED)
    assert feed.schedid_is_unique.find(Contents({"rejected_items": rows})) == feed.nothing_is_rejected.find(
        Contents({"rejected_items": rows})
    )
    assert (
        feed.schedid_is_present.find(Contents({"rejected_items": rows})) == feed.schedid_is_unique.find(contents) == []
    )
