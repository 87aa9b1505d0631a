"""Each spelling of the tables of dates and clocks is read, and what they leave out is not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.tables.fields import times, timestamps
from planion_assets.tables.fields.time_spellings import CLOCKS, DATES, Spelling
from planion_assets.tables.fields.values import Unreadable


@pytest.mark.parametrize("example", [example for spelling in DATES for example in spelling.examples])
def test_each_example_of_a_date_is_that_day(example: str) -> None:
    day = timestamps.day(example, "UTC")
    assert day in {date(2024, 11, 3), date(2024, 3, 1), date(2024, 1, 31), date(2024, 12, 31), date(2024, 11, 11)}


@pytest.mark.parametrize("spelling", [*DATES, *CLOCKS], ids=lambda spelling: spelling.examples[0])
def test_each_example_is_of_its_spelling(spelling: Spelling) -> None:
    assert all(spelling.match(example) for example in spelling.examples)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("24:00", 1440), ("24:00:00", 1440), ("noon", 720), ("Noon", 720), ("12 noon", 720), ("12:00 noon", 720),
        ("12:00 pm (noon)", 720), ("12 p.m.", 720), ("midday", 720), ("midnight", 0), ("12 Midnight", 0), ("12 am", 0),
        ("12:00 am midnight", 0), ("00:30 am", 30), ("0:30 a.m.", 30), ("13:00 pm", 780), ("7 pm", 1140), ("7pm", 1140),
        ("7.30 pm", 1170), ("730 pm", 1170), ("1230am", 30), ("19:30 Uhr", 1170), ("19.30 Uhr", 1170), ("19 Uhr", 1140),
        ("1930 hrs", 1170), ("0730h", 450), ("19h30", 1170), ("7 o'clock", 420), ("9:00 AM CST", 540),
        ("9:00 am ET", 540), ("9:00 AM (CST)", 540), ("9:00 AM Central Time", 540), ("9 AM EST", 540),
        ("19:30 UTC", 1170), ("19:30Z", 1170), ("19:30+01:00", 1170), ("19:30:00-06", 1170), ("19:30 GMT-5", 1170),
        ("9:00 AM America/Chicago", 540), ("09:00 local time", 540), ("T19:30:00", 1170),
        ("2024-11-05T19:30:00", 1170), ("1899-12-30 19:30:00", 1170), ("noon CST", 720), ("9:00 AM WIB", 540),
    ],
)  # fmt: skip
def test_a_time_of_day_that_leaves_no_doubt_is_read(text: str, minutes: int) -> None:
    assert times.clock_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-3-1", date(2024, 3, 1)), ("2024.11.03", date(2024, 11, 3)), ("20241103", date(2024, 11, 3)),
        ("20241103T193000", date(2024, 11, 3)), ("31/12/2024", date(2024, 12, 31)), ("12/31/2024", date(2024, 12, 31)),
        ("31.12.2024", date(2024, 12, 31)), ("13-03-2024 10:00:00", date(2024, 3, 13)),
        ("5/5/2024", date(2024, 5, 5)), ("2024-11-03 24:00:00", date(2024, 11, 4)),
        ("November 3rd, 2024", date(2024, 11, 3)), ("Sunday, November 3, 2024", date(2024, 11, 3)),
        ("3. November 2024", date(2024, 11, 3)), ("03/Nov/2024", date(2024, 11, 3)), ("2024-Nov-3", date(2024, 11, 3)),
    ],
)  # fmt: skip
def test_a_date_that_leaves_no_doubt_is_read(text: str, day: date) -> None:
    assert timestamps.day(text) == day


@pytest.mark.parametrize(
    "text",
    ["11/03/2024", "3/11/2024", "03.11.2024", "03-11-2024", "11/03/24", "0000-00-00", "TBD", "Nov 3", "13/13/2024",
     "2024-13-01", "2023-02-29", "29/02/2023", "today", "2024", "2024-11", "18991103"],
)  # fmt: skip
def test_a_date_that_leaves_a_doubt_is_not(text: str) -> None:
    with pytest.raises(Unreadable):
        timestamps.day(text)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_day_in_numbers_is_read_as_itself_or_not_at_all(day: date) -> None:
    for text in (f"{day:%Y%m%d}", f"{day:%Y/%m/%d}", f"{day.year}-{day.month}-{day.day}", f"{day:%d %b %Y}"):
        assert timestamps.day(text) == day
    for text in (f"{day:%d/%m/%Y}", f"{day:%m/%d/%Y}", f"{day:%d.%m.%Y}"):
        if day.day <= 12 and day.day != day.month:
            with pytest.raises(Unreadable):
                timestamps.day(text)
        else:
            assert timestamps.day(text) == day


def test_an_instant_is_a_day_of_the_venue() -> None:
    assert timestamps.day("2024-11-04T03:00:00Z", "America/Chicago") == date(2024, 11, 3)
    assert timestamps.day("2024-11-03T05:00:00Z", "America/Chicago") == date(2024, 11, 3)
