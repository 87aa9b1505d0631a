"""Times of sessions and talks over midnight, and in the hour that clocks skip, as the tables have them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.fields import instants
from planion_assets.tables.model import Zones
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.tables.items import KEY, Item

CHICAGO = Zones(venue="America/Chicago")
DAY, NEXT = "2024-11-05", "2024-11-06"


def _row(table: Any, session: dict[str, Any], zones: Zones = CHICAGO) -> dict[str, Any]:
    built = build_table(table, KEY, [Item({"schedid": "1", **session})], zones)
    return {"unreadable": [bad.column for bad in built.unreadable], **built.data.to_pylist()[0]}


@pytest.mark.parametrize(
    ("fields", "start", "end"),
    [
        ({"endDate": DAY, "startTime": "09:30 pm", "endTime": "01:30 am", "rstartmins": 1290, "rendmins": 1530},
         f"{DAY} 21:30", f"{NEXT} 01:30"),
        ({"endDate": DAY, "startTime": "09:30 pm", "endTime": "01:30 am"}, f"{DAY} 21:30", f"{NEXT} 01:30"),
        ({"endDate": DAY, "startTime": "09:30 pm", "endTime": "09:30 am"}, f"{DAY} 21:30", f"{NEXT} 09:30"),
        ({"endDate": DAY, "startTime": "09:30 pm", "endTime": "09:31 am"}, f"{DAY} 21:30", f"{DAY} 09:31"),
        ({"startTime": "10:00 am", "endTime": "09:00 am"}, f"{DAY} 10:00", f"{DAY} 09:00"),
        ({"startTime": "09:00 pm", "endTime": "midnight"}, f"{DAY} 21:00", f"{NEXT} 00:00"),
        ({"startTime": "09:00 am", "endTime": "24:00"}, f"{DAY} 09:00", f"{NEXT} 00:00"),
        ({"startTime": "12:00 pm", "endTime": "12:00 pm"}, f"{DAY} 12:00", f"{DAY} 12:00"),
        ({"startTime": "12:00 pm", "endTime": "12:00 pm", "endDate": NEXT}, f"{DAY} 12:00", f"{NEXT} 12:00"),
        ({"startTime": "12:00 pm", "endTime": "12:00 pm", "rendmins": 2160}, f"{DAY} 12:00", f"{NEXT} 12:00"),
        ({"startTime": "11:00 pm", "endTime": " ", "endDate": NEXT, "rendmins": 1500}, f"{DAY} 23:00", f"{NEXT} 01:00"),
        ({"startTime": "11:00 pm", "endTime": "01:00 am", "endDate": NEXT, "rendmins": 1500},
         f"{DAY} 23:00", f"{NEXT} 01:00"),
        ({"startTime": "11:00 pm", "endDate": "2024-11-07", "rendmins": 1500}, f"{DAY} 23:00", "2024-11-07 01:00"),
        ({"startTime": "11:59 pm", "endTime": "11:59 pm", "rendmins": 1440}, f"{DAY} 23:59", f"{NEXT} 00:00"),
        ({"startTime": "12:30 am", "endTime": "01:30 am", "rstartmins": 1470, "rendmins": 1530},
         f"{NEXT} 00:30", f"{NEXT} 01:30"),
        ({"startTime": "12:30 am", "endTime": "01:30 am", "rstartmins": 1470, "endDate": DAY},
         f"{NEXT} 00:30", f"{NEXT} 01:30"),
        ({"startTime": "11:00 pm", "endTime": "01:00 am", "endDate": "2024-11-04"}, f"{DAY} 23:00", "2024-11-04 01:00"),
        ({"startTime": "12:10 am", "endDate": "2024-11-04", "rendmins": 1530}, f"{DAY} 00:10", "2024-11-04 01:30"),
        ({"startTime": "09:00 am", "endTime": "11:00 am", "rendmins": 10081}, f"{DAY} 09:00", f"{DAY} 11:00"),
        ({"startTime": "09:00 am", "rendmins": 3900, "endDate": "2024-11-07"}, f"{DAY} 09:00", "2024-11-07 17:00"),
        ({"startTime": "09:00 am", "rendmins": 2940, "endDate": NEXT}, f"{DAY} 09:00", "2024-11-07 01:00"),
        ({"startTime": "09:00 am", "endTime": "05:00 pm", "rendmins": 3900}, f"{DAY} 09:00", "2024-11-07 17:00"),
        ({"startTime": "11:00 pm", "rstartmins": 2820, "endTime": "12:30 am"}, f"{NEXT} 23:00", "2024-11-07 00:30"),
        ({"startTime": "24:00", "endTime": "12:30 am", "endDate": DAY}, f"{NEXT} 00:00", f"{NEXT} 00:30"),
        ({"startTime": "24:00", "endTime": "midnight"}, f"{NEXT} 00:00", f"{NEXT} 00:00"),
        ({"startTime": "24:00", "endTime": "11:00 pm"}, f"{NEXT} 00:00", f"{DAY} 23:00"),
    ],
)  # fmt: skip
def test_an_end_is_on_the_day_that_was_meant(fields: dict[str, Any], start: str, end: str) -> None:
    row = _row(SESSIONS, {"startDate": DAY, **fields})
    assert [f"{row[name]:%Y-%m-%d %H:%M}" for name in ("starts_at_local", "ends_at_local")] == [start, end]


@pytest.mark.parametrize("end_date", ["0000-00-00", "TBD", "11/05/2024", "2024-02-30"])
def test_an_end_date_that_cannot_be_read_is_counted_and_the_start_date_serves(end_date: str) -> None:
    row = _row(SESSIONS, {"startDate": DAY, "startTime": "11:00 pm", "endTime": "12:30 am", "endDate": end_date})
    assert row["ends_at_local"] == datetime.fromisoformat(f"{NEXT} 00:30")
    assert (row["end_date"], row["unreadable"]) == (None, ["end_date"])


@pytest.mark.parametrize(
    ("start", "end", "starts_at", "ends_at"),
    [
        ("02:15 am", "03:10 am", "08:15", "09:10"),
        ("02:30 am", "03:30 am", "08:30", "09:30"),
        ("02:15 am", "02:45 am", "08:15", "08:45"),
        ("01:30 am", "02:30 am", "07:30", "08:30"),
        ("01:30 am", "03:30 am", "07:30", "08:30"),
        ("03:00 am", "04:00 am", "08:00", "09:00"),
    ],
)
def test_where_clocks_skip_the_start_the_end_moves_too(start: str, end: str, starts_at: str, ends_at: str) -> None:
    session = {"startDate": "2024-03-10", "startTime": start, "endTime": end}
    talk = {"speakers": [{"startTime": start, "endTime": end}]}
    for row in (_row(SESSIONS, session), _row(SESSION_SPEAKERS, session | talk)):
        assert [f"{row[name]:%H:%M}" for name in ("starts_at", "ends_at")] == [starts_at, ends_at]


@pytest.mark.parametrize(
    ("zone", "day", "session", "talk", "instants_of_all"),
    [
        # Session and talk: both begin in the skipped hour, the talk after it, and across it from before the session.
        ("America/Chicago", "2024-03-10", ("02:30 am", "04:00 am"), ("02:45 am", "03:15 am"),
         ("08:30", "10:00", "08:45", "09:15")),
        ("America/Chicago", "2024-03-10", ("02:30 am", "04:00 am"), ("03:00 am", "03:30 am"),
         ("08:30", "10:00", "09:00", "09:30")),
        ("America/Chicago", "2024-03-10", ("02:30 am", "04:00 am"), ("01:45 am", "02:45 am"),
         ("08:30", "10:00", "07:45", "08:45")),
        ("America/Chicago", "2024-03-10", ("01:00 am", "04:00 am"), ("02:30 am", "03:00 am"),
         ("07:00", "09:00", "08:30", "09:00")),
        ("America/Chicago", "2024-03-10", ("02:30 am", "04:00 am"), (" ", "03:00 am"),
         ("08:30", "10:00", None, "09:00")),
        ("Europe/Berlin", "2024-03-31", ("02:00 am", "04:00 am"), ("03:00 am", "04:00 am"),
         ("01:00", "03:00", "02:00", "03:00")),
        ("Australia/Lord_Howe", "2024-10-06", ("02:15 am", "03:15 am"), ("02:30 am", "03:15 am"),
         ("15:45", "16:45", "16:00", "16:45")),
    ],
)  # fmt: skip
def test_a_talk_moves_with_a_session_whose_start_clocks_skip(
    zone: str, day: str, session: tuple[str, str], talk: tuple[str, str], instants_of_all: tuple[str | None, ...]
) -> None:
    speakers = [{"startTime": talk[0], "endTime": talk[1]}]
    item = {"startDate": day, "startTime": session[0], "endTime": session[1], "speakers": speakers}
    rows = [_row(table, item, Zones(venue=zone)) for table in (SESSIONS, SESSION_SPEAKERS)]
    found = [row[name] and f"{row[name]:%H:%M}" for row in rows for name in ("starts_at", "ends_at")]
    assert tuple(found) == instants_of_all


@given(st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)), st.integers(0, 3000))  # noqa: DTZ001
def test_no_end_becomes_an_instant_before_its_start(start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    for zone in ("America/Chicago", "Australia/Lord_Howe", "Pacific/Apia"):
        begins, ends = instants.instant_of(start, zone), instants.instant_after([start], end, zone)
        assert begins is not None
        assert ends is not None
        assert (ends >= begins) == (end >= start)


@pytest.mark.parametrize(
    ("session", "talk", "start", "end"),
    [
        ({"startTime": "09:30 pm"}, {"startTime": "09:45 pm", "endTime": "10:15 pm"}, f"{DAY} 21:45", f"{DAY} 22:15"),
        ({"startTime": "09:30 pm"}, {"startTime": "11:45 pm", "endTime": "12:15 am"}, f"{DAY} 23:45", f"{NEXT} 00:15"),
        ({"startTime": "09:30 pm"}, {"startTime": "12:15 am", "endTime": "12:45 am"}, f"{NEXT} 00:15", f"{NEXT} 00:45"),
        ({"startTime": "12:30 am", "rstartmins": 1470}, {"startTime": "12:45 am"}, f"{NEXT} 00:45", None),
        ({"startTime": "12:30 am", "rstartmins": 1470}, {"startTime": "12:30 am"}, f"{NEXT} 00:30", None),
        ({"startTime": "12:30 am", "rstartmins": 1470}, {"startTime": "12:15 am"}, f"{NEXT} 00:15", None),
        ({"startTime": "24:00"}, {"startTime": "midnight", "endTime": "24:00"}, f"{NEXT} 00:00", "2024-11-07 00:00"),
        ({"startTime": "10:00 am"}, {"startTime": "09:55 am", "endTime": "10:30 am"}, f"{DAY} 09:55", f"{DAY} 10:30"),
        ({"startTime": "11:00 pm"}, {"startTime": " ", "endTime": "12:30 am"}, None, f"{NEXT} 00:30"),
        ({"startTime": "?"}, {"startTime": "12:30 pm", "endTime": "01:10 pm"}, f"{DAY} 12:30", f"{DAY} 13:10"),
        ({"startTime": "10:00 am"}, {"startTime": "noon", "endTime": "noon"}, f"{DAY} 12:00", f"{DAY} 12:00"),
        ({"startTime": "10:00 am"}, {"startTime": " ", "endTime": None}, None, None),
        ({"startDate": "TBD"}, {"startTime": "10:00 am"}, None, None),
    ],
)
def test_a_talk_is_on_the_day_of_its_session_or_in_the_night_after_it(
    session: dict[str, Any], talk: dict[str, Any], start: str | None, end: str | None
) -> None:
    row = _row(SESSION_SPEAKERS, {"startDate": DAY, **session, "speakers": [talk]})
    found = [row[name] and f"{row[name]:%Y-%m-%d %H:%M}" for name in ("starts_at_local", "ends_at_local")]
    assert found == [start, end]
    assert row["unreadable"] == []


def test_a_talk_whose_time_cannot_be_read_is_counted() -> None:
    row = _row(SESSION_SPEAKERS, {"startDate": DAY, "speakers": [{"startTime": "soon", "endTime": "11:00 am"}]})
    assert (row["starts_at_local"], row["starts_at"], row["unreadable"]) == (None, None, ["starts_at_local"])
