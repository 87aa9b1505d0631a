"""The programme at a glance: what a table of sessions looks like as Markdown."""

from datetime import datetime, timedelta

import pyarrow as pa

from planion_assets.defs.rendering.programme import MAX_DAYS, programme

FIRST = datetime(2026, 11, 21)  # noqa: DTZ001 - local to the venue


def _sessions(*starts: datetime | None) -> pa.Table:
    return pa.table({"starts_at_local": pa.array(starts, pa.timestamp("us"))})


def test_without_sessions_or_without_times_it_says_so() -> None:
    assert programme(_sessions()) == "no sessions"
    assert programme(_sessions(None, None)) == "none of 2 sessions has a day and a time of day"


def test_days_are_rows_hours_columns_and_the_busiest_hour_is_darkest() -> None:
    at = [FIRST.replace(hour=9, minute=45)] * 8 + [FIRST.replace(hour=11)] * 2 + [FIRST + timedelta(days=2, hours=10)]
    assert programme(_sessions(*at, None)).replace("\u00a0", " ").splitlines() == [
        "|  | 09h | 10h | 11h | all |",
        "| --- | --- | --- | --- | --- |",
        "| Sat 21 Nov 2026 | █ 8 |  | ░ 2 | 10 |",
        "| Mon 23 Nov 2026 |  | ░ 1 |  | 1 |",
        "",
        "Sessions by day and hour of their start, local to the venue. 1 have no day or no time of day.",
    ]


def test_of_many_days_the_busiest_are_shown() -> None:
    stray = datetime(1999, 1, 1, 8)  # noqa: DTZ001 - local to the venue
    starts = [FIRST + timedelta(days=day, hours=hour) for day in range(MAX_DAYS) for hour in (8, 20)]
    text = programme(_sessions(stray, *starts))
    assert "1999" not in text
    assert text.count("\u00a02026 ") == MAX_DAYS
    assert "1 days with fewer sessions are left out." in text
