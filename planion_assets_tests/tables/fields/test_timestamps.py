"""Spellings of a moment: which are read, as what, and which leave a doubt."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from planion_assets.tables.fields import instants, timestamps
from planion_assets.tables.fields.timestamps import moment_of
from planion_assets.tables.fields.values import Unreadable
from planion_assets.tables.selection import Selection, choose, is_newer, update_range
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.cost import at_most
from planion_assets_tests.tables.items import Item, build

INSTANT = datetime(2026, 1, 31, 15, 30, 43, tzinfo=UTC)
BERLIN = "Europe/Berlin"  # an hour before UTC in January


@pytest.mark.parametrize(
    "text",
    [
        "Sat, 31 Jan 2026 15:30:43 GMT",
        "Saturday, 31-Jan-26 15:30:43 GMT",
        "Sat, 31 Jan 2026 10:30:43 -0500",
        "31 January 2026 15:30:43 UTC",
        "Sat, 31 Jan 2026 10:30:43 EST",
        "Sat Jan 31 2026 10:30:43 GMT-0500 (Eastern Standard Time)",
        "Sat Jan 31 10:30:43 EST 2026",
        "2026-01-31T10:30:43-05:00",
        "2026-01-31T10:30:43-0500",
        "2026-01-31T10:30:43-05",
        "2026-01-31T15:30:43+0000",
        "2026-01-31T15:30:43+00:00",
        "2026-01-31T15:30:43Z",
        "2026-01-31 15:30:43z",
        "2026-01-31 15:30:43 UTC",
        "2026-01-31 21:15:43 +05:45",
        "2026-01-31 10:30:43 (EST)",
        "2026-01-31 10:30:43 (GMT-0500)",
        "2026-01-31T16:30:43+01:00[Europe/Berlin]",
        "20260131153043Z",
        "2026/01/31 15:30:43Z",
        "2026-01-31, 3:30:43\u202fp.m. GMT",
        "\u200e2026-01-31\u00a015:30:43\u2009Z",
        "2026\u201301\u201331 10\uff1a30:43\u221205:00",
        {"$date": "2026-01-31T15:30:43Z"},
        {"$date": {"$numberLong": "1769873443000"}},
        {"$date": 1769873443000},
        {"$timestamp": {"t": 1769873443, "i": 1}},
    ],
)
def test_a_stated_zone_is_used(text: Any) -> None:
    assert instants.feed_instant(text, BERLIN) == INSTANT
    assert timestamps.instant(text) == INSTANT


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31 15:30:43",
        "2026-01-31T15:30:43",
        "2026-1-31 15:30:43",
        "2026-01-31  15:30:43",
        "2026-01-31\u202f15:30:43",
        "2026-01-31 3:30:43 PM",
        "Sat, 31 Jan 2026 15:30:43",
        "Sat Jan 31 15:30:43 2026",
        "Jan 31, 2026, 3:30:43\u202fPM",
        "31 Jan 2026 15:30:43",
        "20260131153043",
        {"$date": "2026-01-31T15:30:43"},
    ],
)
def test_without_one_the_feeds_zone_is(text: Any) -> None:
    assert instants.feed_instant(text, BERLIN) == INSTANT.replace(hour=14)
    assert timestamps.instant(text) == INSTANT


@pytest.mark.parametrize("text", ["2026-01-31 24:00:00", "2026-01-31T24:00:00", "2026-01-31 24:00"])
def test_a_day_ends_at_24_hours(text: str) -> None:
    assert timestamps.timestamp(text) == datetime(2026, 2, 1)  # noqa: DTZ001 - names no zone


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2026-01-31T15:30:43.5Z", 500_000),
        ("2026-01-31 15:30:43,123", 123_000),
        ("2026-01-31T15:30:43.123456789+00:00", 123_456),
        ({"$date": {"$numberLong": "1769873443007"}}, 7_000),
    ],
)
def test_fractions_are_kept_to_the_microsecond(text: Any, microsecond: int) -> None:
    assert instants.feed_instant(text, "UTC") == INSTANT.replace(microsecond=microsecond)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "11/03/2024",
            "11/03/2024 10:00:00",
            "03.11.2024 10:00:00",
            "1/2/2026, 3:30:43 PM",
            "31/31/2026 10:00:00",
            "2024-01-31",
            "yesterday",
        ),
        *("2026-01-31 15:30:43 (Central European Time)", "2026-01-31 15:30:43[Europe/Berlin]", "2026013115304"),
        *("2026-01-31T15:30:43 XYZ", "2026-01-31T15:30:43+99:00", "2026-01-31T15:30:43+05:99", "2026-02-30 10:00:00"),
        *("2026-13-01T10:00:00Z", "2026-01-31T25:00:00Z", "2026-01-31 13:30 AM", "Sat, 31 Foo 2026 15:30:43 GMT"),
        *(
            "2026-01-31T15:30:43EST-0500",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "Sat Jan 31 15:30:43",
        ),
        *("\u0662026-01-31 15:30:43", 1769873443, 1769873443.0, True, [], {"$date": "soon"}, {"$date": None}),
        *({"$date": {"$numberLong": "9" * 19}}, {"$date": True}, {"$timestamp": {"t": "x"}}, {"$date": 1, "x": 1}),
        *("2026-01-31 15:30:43" + " " * 200 + "x", "Sat, " * 10_000, "2026-01-31T15:30:43." + "1" * 5000),
    ],
)
def test_what_leaves_a_doubt_is_unreadable(text: Any) -> None:
    with pytest.raises(Unreadable):
        instants.feed_instant(text, BERLIN)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *(
            ("2024-11-03", date(2024, 11, 3)),
            ("2024-11-3", date(2024, 11, 3)),
            (" 2024-11-03\u00a0", date(2024, 11, 3)),
        ),
        *(("2024-11-03 00:00:00", date(2024, 11, 3)), ("2024-11-03T07:30:00", date(2024, 11, 3))),
        *(("2024-11-03T00:00:00Z", date(2024, 11, 3)), ("2024-11-03T00:00:00-05:00", date(2024, 11, 3))),
        *(("Sun, 03 Nov 2024 00:00:00 GMT", date(2024, 11, 3)), ("Nov 3, 2024", date(2024, 11, 3))),
        *(({"$date": "2024-11-03T00:00:00Z"}, date(2024, 11, 3)), ({"$date": 1730592000000}, date(2024, 11, 3))),
        *(("9999-12-31", date(9999, 12, 31)), ("0001-01-01", date(1, 1, 1)), ("2024/11/03", date(2024, 11, 3))),
    ],
)
def test_a_day_is_that_of_a_timestamp_too(text: Any, day: date) -> None:
    assert timestamps.day(text) == day


@pytest.mark.parametrize(
    "text",
    ["11/03/2024", "2024-11-03T23:00:00Z", {"$date": 1730588400000}, "18241103", "20241331", "3.11.2024", "2024-11/03"],
)
def test_a_day_that_depends_on_the_zone_or_leaves_a_doubt_is_unreadable(text: Any) -> None:
    with pytest.raises(Unreadable):
        timestamps.day(text)


def test_the_newest_item_and_the_range_of_updates_are_found_in_any_spelling() -> None:
    spelled = ["2026-01-31 15:30:43", "Sat, 31 Jan 2026 18:30:43 GMT", "2026-01-31T12:30:43-05:00", "11/03/2099"]
    items = [Item({"schedid": "1", "Session_Updated_At": text, "sessionName": text}) for text in spelled]
    selection: Selection = choose(items, "schedid")
    assert selection.best == [items[1]]
    assert [is_newer(items[one], items[other]) for one, other in ((1, 2), (2, 0), (0, 3), (3, 0))] == [True] * 3 + [
        False
    ]
    newest = datetime(2026, 1, 31, 18, 30, 43, tzinfo=UTC)
    assert update_range(items, BERLIN) == (newest, newest)
    row = build(SESSIONS, *(item.content for item in items), {"schedid": "2", "schedule_updated_at": spelled[2]})
    assert row["session_updated_at"].to_pylist() == [newest, None]
    assert row["schedule_updated_at"].to_pylist() == [None, newest.replace(hour=17)]


def test_a_long_text_is_no_moment_at_once() -> None:
    with at_most(25):
        for text in (" " * 10**6 + "x", "2026-01-31 " + " " * 10**6, "1" * 10**6, "(" * 10**6):
            moment_of(text)
