"""Venue times: what can be read, where a night falls, and what becomes of clocks that change."""

from datetime import UTC, datetime
from typing import Any

import pytest

from planion_assets.tables.fields import instants, times
from planion_assets.tables.fields.values import Unreadable

CHICAGO = "America/Chicago"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "text",
    [
        "25:99 xm",
        "25:00",
        "7:60 pm",
        "13:00 am",
        "0:30 pm",
        "7",
        "730",
        "1930",
        "24:01",
        "24:30",
        "noonish",
        "13 noon",
        "09:30-10:30",
        "09:30 - 10:30",
        "09:30 am - 10:30 am",
        "7:30 next",
        "7.5",
        "TBD",
        "2024-11-05",
        "2024-11-05T19:30:00Z",
        "\u0667:\u0663\u0660",
        "07:30 xm",
        "07:30 m",
        "7:30" + " " * 100_000 + "x",
        "7" * 5000 + ":30",
    ],
)
def test_what_is_no_time_of_day_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        times.clock_minutes(text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("07:30 pm", 1170), ("7:30PM", 1170), ("12:00 am", 0), ("12:30 am", 30), ("12:00 pm", 720), ("19:30", 1170),
        ("00:00", 0), ("23:59:59", 1439), (" 08:05 a.m. ", 485), (" ", None), (None, None),
        ("07:30\u202fpm", 1170), ("07:30\u00a0PM", 1170), ("07:30\u2009pm", 1170), ("07:30\u2007pm", 1170),
        ("07:30\u3000pm", 1170), ("\u200e7:30\u202fp.\u00a0m.", 1170), ("7:30  p. m.", 1170),
        ("\u202f19:30\u00a0", 1170), ("07:30:00.000 pm", 1170), ("7:30 a", 450),
    ],
)  # fmt: skip
def test_a_time_of_day_is_read(text: Any, minutes: int | None) -> None:
    assert times.clock_minutes(text) == minutes


@pytest.mark.parametrize(
    "record",
    [
        {"startDate": "2024-02-30", "startTime": "07:30 pm"},
        {"startDate": "0000-00-00", "rstartmins": 1170},
        {"startDate": "2024-11-03", "startTime": "25:99 xm"},
        {"startDate": "2024-11-03", "rstartmins": "soon"},
        {"startDate": "2024-11-03", "rstartmins": -1},
        {"startDate": "2024-11-03", "rstartmins": 10**9},
        {"startDate": "9999-12-31", "rstartmins": 2 * 24 * 60},
    ],
)
def test_a_start_that_is_there_and_cannot_be_read_is_unreadable(record: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        times.session_start(*map(record.get, times.START))


@pytest.mark.parametrize(
    ("record", "start"),
    [
        ({}, None),
        ({"startTime": "07:30 pm"}, None),
        ({"startDate": "2024-11-03"}, None),
        ({"startDate": "2024-11-03", "startTime": "07:30 pm", "rstartmins": 5}, "2024-11-03 19:30"),
        ({"startDate": "2024-11-03", "startTime": " ", "rstartmins": "1170"}, "2024-11-03 19:30"),
        ({"startDate": "2024-11-03", "startTime": "25:99 xm", "rstartmins": 1170}, "2024-11-03 19:30"),
        ({"startDate": "2024-11-03\u00a0", "startTime": "07:30\u202fpm"}, "2024-11-03 19:30"),
        ({"startDate": {"$date": "2024-11-03T00:00:00Z"}, "rstartmins": {"$numberInt": "1170"}}, "2024-11-03 19:30"),
    ],
)
def test_the_minutes_serve_where_the_text_does_not(record: dict[str, Any], start: str | None) -> None:
    assert times.session_start(*map(record.get, times.START)) == (_at(start) if start else None)


def _end(record: dict[str, Any]) -> datetime | None:
    return times.session_end(*map(record.get, (*times.START, *times.END)), None)


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"endTime": "08:30 pm"}, "2024-11-03 20:30"),
        ({"endTime": "12:30 am"}, "2024-11-04 00:30"),
        ({"endTime": "07:30 pm"}, "2024-11-03 19:30"),
        ({"endTime": "12:30 am", "endDate": "2024-11-04"}, "2024-11-04 00:30"),
        ({"endTime": "06:00 pm", "endDate": "2024-11-03"}, "2024-11-03 18:00"),
        ({"endTime": "06:00 pm", "endDate": "2024-11-05"}, "2024-11-05 18:00"),
        ({"rendmins": 30}, "2024-11-04 00:30"),
        ({"rendmins": 1470}, "2024-11-04 00:30"),
        ({}, None),
    ],
)
def test_an_end_not_after_the_start_is_the_next_day_unless_the_end_date_says_otherwise(
    fields: dict[str, Any], end: str | None
) -> None:
    record = {"startDate": "2024-11-03", "startTime": "07:30 pm", **fields}
    assert _end(record) == (_at(end) if end else None)


def test_at_the_calendars_end_there_is_no_next_day() -> None:
    with pytest.raises(Unreadable):
        _end({"startDate": "9999-12-31", "startTime": "07:30 pm", "endTime": "12:30 am"})


def test_an_end_is_read_though_the_start_cannot_be() -> None:
    record = {"startDate": "2024-11-03", "startTime": "25:99 xm", "endTime": "08:30 pm"}
    assert _end(record) == _at("2024-11-03 20:30")


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2024-07-01 12:00", "2024-07-01 17:00"),
        ("2024-11-03 00:30", "2024-11-03 05:30"),
        ("2024-11-03 01:30", "2024-11-03 06:30"),  # there twice; the first
        ("2024-11-03 02:30", "2024-11-03 08:30"),
        ("2024-03-10 01:59", "2024-03-10 07:59"),
        ("2024-03-10 02:30", "2024-03-10 08:30"),  # not there; an hour on, 03:30
        ("2024-03-10 03:30", "2024-03-10 08:30"),
    ],
)
def test_clocks_that_change_are_read_as_documented(local: str, instant: str) -> None:
    assert instants.instant_of(_at(local), CHICAGO) == _at(instant).replace(tzinfo=UTC)


def test_without_a_zone_there_is_no_instant_and_at_the_calendars_end_none_can_be_read() -> None:
    assert instants.instant_of(_at("2024-07-01 12:00"), None) is None
    assert instants.instant_of(None, CHICAGO) is None
    with pytest.raises(Unreadable):
        instants.instant_of(_at("9999-12-31 23:00"), CHICAGO)


def test_the_feeds_own_timestamps_are_read_in_its_zone() -> None:
    assert instants.feed_instant("2024-01-31 15:30:43", "UTC") == datetime(2024, 1, 31, 15, 30, 43, tzinfo=UTC)
    assert instants.feed_instant("2024-01-31 15:30:43", CHICAGO) == datetime(2024, 1, 31, 21, 30, 43, tzinfo=UTC)
    assert instants.feed_instant(" ", CHICAGO) is None
    with pytest.raises(Unreadable):
        instants.feed_instant("0000-00-00 00:00:00", CHICAGO)
