"""Each verdict, given and not given, at its limits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from planion_assets.freshness.survey import end_of
from planion_assets.freshness.verdicts import (
    CLOCK_SKEW,
    READ_INTERVALS,
    Facts,
    FreshnessLimits,
    Level,
    State,
    age_text,
    freshness,
    reading,
    worst,
)
from planion_assets.freshness.zones import fitting_zone
from planion_assets.keys import ConferenceKey
from planion_assets.storage.last_read import Failure

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LIMITS = FreshnessLimits(warn=timedelta(hours=36), error=timedelta(days=14), refresh_interval=timedelta(minutes=15))
SECOND = timedelta(seconds=1)


def facts(**more: Any) -> Facts:
    """A conference that is fresh and read."""
    usual: dict[str, Any] = {"limits": LIMITS, "sessions": 3, "links": 5, "newest": NOW, "last_read": NOW}
    return Facts(ConferenceKey("AAA", "AM2026"), **{**usual, **more})


@pytest.mark.parametrize(
    ("more", "state", "level", "words"),
    [
        ({"newest": NOW - LIMITS.warn + SECOND}, State.FRESH, Level.OK, "updated 1 d 11 h ago"),
        ({"newest": NOW - LIMITS.warn}, State.STALE, Level.WARN, "updated 1 d 12 h ago, 1 d 12 h is the limit (warn)"),
        ({"newest": NOW - LIMITS.error + SECOND}, State.STALE, Level.WARN, "(warn)"),
        ({"newest": NOW - LIMITS.error}, State.STALE, Level.ERROR, "14 d is the limit (error)"),
        ({"newest": NOW + CLOCK_SKEW}, State.FRESH, Level.OK, "updated 0 min ago"),
        (
            {"newest": NOW + CLOCK_SKEW + SECOND},
            State.IN_THE_FUTURE,
            Level.ERROR,
            "feed.timezone is probably set wrong",
        ),
        ({"newest": None}, State.NO_TIMESTAMPS, Level.ERROR, "none of 3 sessions has a readable session_updated_at"),
        ({"newest": None, "sessions": 0}, State.NO_SESSIONS, Level.WARN, "no sessions yet: is AM2026 its ID?"),
        ({"newest": None, "sessions": None}, State.NOT_STORED, Level.OK, "nothing is stored"),
        ({"newest": None, "problem": "x is no Parquet"}, State.UNREADABLE, Level.ERROR, "x is no Parquet"),
        (
            {"newest": None, "limits": None},
            State.NOT_CONFIGURED,
            Level.OK,
            "removed from planion.yaml: `planion forget",
        ),
    ],
)
def test_content(more: dict[str, Any], state: State, level: Level, words: str) -> None:
    verdict = freshness(facts(**more), NOW)
    assert (verdict.state, verdict.level) == (state, level)
    assert words in verdict.reason


@pytest.mark.parametrize("interval", [timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=6)])
def test_a_read_is_late_after_three_intervals(interval: timedelta) -> None:
    limits = FreshnessLimits(LIMITS.warn, LIMITS.error, interval)
    in_time = reading(facts(limits=limits, last_read=NOW - READ_INTERVALS * interval), NOW)
    assert (in_time.state, in_time.level) == (State.READ, Level.OK)
    late = reading(facts(limits=limits, last_read=NOW - READ_INTERVALS * interval - SECOND), NOW)
    assert (late.state, late.level) == (State.LATE, Level.ERROR)
    assert f"more than {age_text(3 * interval)} (3 times refresh_interval)" in late.reason


def test_a_conference_that_was_never_read_is_named_and_a_clock_that_went_back_is_no_alarm() -> None:
    never = reading(facts(last_read=None), NOW)
    assert (never.state, never.level) == (State.NEVER_READ, Level.ERROR)
    assert reading(facts(last_read=NOW + timedelta(days=1)), NOW).level is Level.OK
    assert reading(facts(last_read=None, limits=None), NOW).state is State.NOT_CONFIGURED


@pytest.mark.parametrize(
    ("last_read", "attempts", "state", "level", "words"),
    [
        (None, 19, State.NEVER_READ, Level.ERROR, "401: refused (19 times since 03:04 UTC)"),
        (NOW - timedelta(hours=9), 19, State.LATE, Level.ERROR, "401: refused (19 times since 03:04 UTC)"),
        (NOW - timedelta(minutes=20), 1, State.FAILING, Level.WARN, "401: refused (once, at 03:04 UTC); last read 20"),
    ],
)
def test_a_failure_that_lasts_says_why_since_when_and_how_often(
    last_read: datetime | None, attempts: int, state: State, level: Level, words: str
) -> None:
    failure = Failure("401: refused", NOW.replace(hour=3, minute=4), NOW, attempts)
    verdict = reading(facts(last_read=last_read, failure=failure), NOW)
    assert (verdict.state, verdict.level) == (state, level)
    assert words in verdict.reason
    assert reading(facts(failure=replace(failure, since=NOW - timedelta(days=2))), NOW).reason.count("2026-11-22") == 1


def test_a_clock_that_is_behind_is_named_before_the_zone_or_the_vendor() -> None:
    later = NOW + timedelta(days=3)
    behind = freshness(facts(newest=later, last_read=later), NOW)
    assert (
        "this machine's clock (2026-11-24 12:00 UTC) is behind: the last read is noted for 2026-11-27" in behind.reason
    )


def test_the_two_alarms_never_mix() -> None:
    dead = facts(last_read=NOW - timedelta(days=9))
    assert (freshness(dead, NOW).state, reading(dead, NOW).state) == (State.FRESH, State.LATE)
    quiet = facts(newest=NOW - timedelta(days=90))
    assert (freshness(quiet, NOW).state, reading(quiet, NOW).state) == (State.STALE, State.READ)


@pytest.mark.parametrize(
    "bad",
    [
        {"newest": None},
        {"newest": NOW - timedelta(days=900)},
        {"newest": NOW + timedelta(days=2)},
        {"newest": None, "problem": "broken"},
        {"last_read": None},
    ],
)
def test_over_goes_before_every_alarm(bad: dict[str, Any]) -> None:
    under_way = facts(**bad, ends=NOW)
    assert worst(freshness(under_way, NOW).level, reading(under_way, NOW).level) is Level.ERROR
    done = facts(**bad, ends=NOW - SECOND)
    assert {freshness(done, NOW).state, reading(done, NOW).state} == {State.OVER}
    assert worst(freshness(done, NOW).level, reading(done, NOW).level) is Level.OK


LAST = datetime(2026, 11, 24, 17, 0)  # noqa: DTZ001 - local to the venue
DOOMSDAY = datetime(9999, 12, 31, 23, 59)  # noqa: DTZ001 - local to the venue


@pytest.mark.parametrize(
    ("last", "until", "zone", "end"),
    [
        (None, None, None, None),
        (LAST, None, "America/Chicago", datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),
        (LAST, None, "Pacific/Kiritimati", datetime(2026, 11, 24, 3, 0, tzinfo=UTC)),
        # Somewhere on earth it is still going on.
        (LAST, None, None, datetime(2026, 11, 25, 5, 0, tzinfo=UTC)),
        # The whole of the last day counts; the earlier of the two ends it.
        (None, date(2026, 11, 24), "UTC", datetime(2026, 11, 24, 23, 59, 59, 999999, tzinfo=UTC)),
        (LAST, date(2026, 11, 23), "UTC", datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=UTC)),
        (LAST, date(2030, 1, 1), "UTC", datetime(2026, 11, 24, 17, 0, tzinfo=UTC)),
        (DOOMSDAY, None, None, DOOMSDAY.replace(tzinfo=UTC)),
        (DOOMSDAY, None, "America/Chicago", DOOMSDAY.replace(tzinfo=UTC)),
    ],
)
def test_when_a_conference_is_over(
    last: datetime | None, until: date | None, zone: str | None, end: datetime | None
) -> None:
    assert end_of(last, until, zone) == end


@pytest.mark.parametrize(
    ("clock", "read_in", "guess"),
    [
        # Berlin's 12:00 read as New York's is six hours ahead.
        ("Europe/Berlin", "America/New_York", "Europe/Berlin"),
        ("America/New_York", "America/Los_Angeles", "America/New_York"),
        ("Asia/Kolkata", "UTC", "Asia/Kolkata"),
        ("UTC", "America/Chicago", "UTC"),
    ],
)
def test_the_zone_that_would_fit_is_that_of_a_clock_that_just_ticked(clock: str, read_in: str, guess: str) -> None:
    clock_time = NOW.astimezone(ZoneInfo(clock)).replace(tzinfo=None)
    newest = clock_time.replace(tzinfo=ZoneInfo(read_in)).astimezone(UTC)
    assert fitting_zone(newest, read_in, NOW) == guess
    verdict = freshness(facts(newest=newest, feed_zone=read_in), NOW)
    assert f"read in {read_in}" in verdict.reason
    assert f"{guess} would fit (a guess" in verdict.reason


@pytest.mark.parametrize("newest", [NOW + timedelta(days=3), datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_what_no_zone_explains_is_not_blamed_on_a_zone(newest: datetime) -> None:
    assert fitting_zone(newest, "Pacific/Kiritimati", NOW) is None
    reason = freshness(facts(newest=newest), NOW).reason
    assert (
        "no time zone explains that: set this machine's clock (2026-11-24 12:00 UTC) if it is behind the feed's"
        in reason
    )
    assert "feed.timezone" not in reason


def test_ages_read_as_people_say_them() -> None:
    ages = (0, 59, 3600, 3660, 86400, 90061, -5)
    texts = [age_text(timedelta(seconds=age)) for age in ages]
    assert texts == ["0 min", "0 min", "1 h", "1 h 1 min", "1 d", "1 d 1 h", "0 min"]


def test_the_worst_level_counts() -> None:
    assert worst() is Level.OK
    assert worst(Level.OK, Level.ERROR, Level.WARN) is Level.ERROR
    assert worst(Level.OK, Level.WARN) is Level.WARN
