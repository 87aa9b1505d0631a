"""Settings of freshness: durations and dates, their mistakes, and which limit applies to a conference."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from planion_assets.config import ConfigError, duration_text
from planion_assets.config.models import ERROR_UPDATE_AGE, WARN_UPDATE_AGE
from planion_assets.keys import ConferenceKey
from planion_assets_tests.config.texts import ACCOUNT, SECRET, account, read, refused

HOURS, DAYS = timedelta(hours=1), timedelta(days=1)
KEY = ConferenceKey("AAA", "AM")


def conference(text: str) -> str:
    """A file with one conference AM and these further keys of it."""
    return account(conferences=f"[{{conference: AM, {text}}}]")


IN_CONFERENCE = "accounts[0].conferences[0]"


@pytest.mark.parametrize(
    ("text", "key", "wrong", "remedy"),
    [
        ("refresh_interval: often\n" + ACCOUNT, "refresh_interval", "is not a duration", "15m"),
        (f"refresh_interval: {SECRET}\n" + ACCOUNT, "refresh_interval", "is not a duration", "15m"),
        ("refresh_interval: 15\n" + ACCOUNT, "refresh_interval", "is not a duration", "its unit"),
        ("refresh_interval: 1.5h\n" + ACCOUNT, "refresh_interval", "is not a duration", "a whole number"),
        ("refresh_interval: -15m\n" + ACCOUNT, "refresh_interval", "is not a duration", "a whole number"),
        ("refresh_interval: [15m]\n" + ACCOUNT, "refresh_interval", "is not a duration", "15m"),
        ("refresh_interval: 59s\n" + ACCOUNT, "refresh_interval", "is less than 1m", "from 1m to 7d"),
        ("refresh_interval: 8d\n" + ACCOUNT, "refresh_interval", "is more than 7d", "from 1m to 7d"),
        ("refresh_interval: 999999999d\n" + ACCOUNT, "refresh_interval", "is more than 7d", "from 1m to 7d"),
        ("refresh_intervall: 1m\n" + ACCOUNT, "refresh_intervall", "is not a known key", "refresh_interval?"),
        ("max_update_age: 36h\n" + ACCOUNT, "max_update_age", "is not a set of keys", "warn and error"),
        ("max_update_age: {warn: soon}\n" + ACCOUNT, "max_update_age.warn", "is not a duration", "36h"),
        ("max_update_age: {warn: 2d, error: 1d}\n" + ACCOUNT, "max_update_age.error", "is less than warn", "longer"),
        ("max_update_age: {eror: 1d}\n" + ACCOUNT, "max_update_age.eror", "is not a known key", "error?"),
        (conference("max_update_age: {warn: 0s}"), f"{IN_CONFERENCE}.max_update_age.warn", "is less than 1m", "3650d"),
        (conference("max_update_age: 36h"), f"{IN_CONFERENCE}.max_update_age", "is not a set of keys", "warn"),
        (conference("active_until: tomorrow"), f"{IN_CONFERENCE}.active_until", "is not a date", "2027-06-30"),
        (conference("active_until: 2027-02-29"), f"{IN_CONFERENCE}.active_until", "is not a date", "2027-06-30"),
        (conference("active_until: 20270228"), f"{IN_CONFERENCE}.active_until", "is not a date", "2027-06-30"),
        (conference("active_until: {a: b}"), f"{IN_CONFERENCE}.active_until", "is not a date", "2027-06-30"),
    ],
)
def test_wrong_value_is_named_with_its_remedy(tmp_path: Path, text: str, key: str, wrong: str, remedy: str) -> None:
    (line,) = refused(tmp_path, text)
    assert line.startswith(f"planion.yaml: {key}: {wrong}")
    assert remedy in line.split("; ", 1)[1]


def test_values_are_converted_from_text_and_empty_ones_are_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, "refresh_interval: 90 s\n" + conference("active_until: 2028-02-29"))
    assert config.refresh_interval == timedelta(seconds=90)
    assert config.conference(KEY).active_until == date(2028, 2, 29)
    config = read(tmp_path, "refresh_interval:\nmax_update_age:\n" + conference("active_until: , max_update_age: "))
    assert config.refresh_interval == timedelta(minutes=15)
    assert config.conference(KEY).active_until is None
    assert config.update_age_limits(KEY) == (WARN_UPDATE_AGE, ERROR_UPDATE_AGE)


@pytest.mark.parametrize(
    ("of_the_file", "of_the_conference", "limits"),
    [
        ("", "", (36 * HOURS, 14 * DAYS)),
        ("warn: 1d", "", (DAYS, 14 * DAYS)),
        ("warn: 1d, error: 2d", "", (DAYS, 2 * DAYS)),
        ("warn: 1d, error: 2d", "error: 3d", (DAYS, 3 * DAYS)),
        ("warn: 1d, error: 2d", "warn: 5h, error: 6h", (5 * HOURS, 6 * HOURS)),
        # The one that is given moves the other along.
        ("", "warn: 30d", (30 * DAYS, 30 * DAYS)),
        ("", "error: 6h", (6 * HOURS, 6 * HOURS)),
        ("warn: 30d", "error: 40d", (30 * DAYS, 40 * DAYS)),
    ],
)
def test_which_limits_apply(
    tmp_path: Path, of_the_file: str, of_the_conference: str, limits: tuple[timedelta, timedelta]
) -> None:
    text = f"max_update_age: {{{of_the_file}}}\n" + conference(f"max_update_age: {{{of_the_conference}}}")
    assert read(tmp_path, text).update_age_limits(KEY) == limits


def test_limits_of_a_conference_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no conference 'AM' in account 'AAA'"):
        read(tmp_path, ACCOUNT).update_age_limits(KEY)


@pytest.mark.parametrize("text", ["90s", "15m", "36h", "14d", "0d"])
def test_a_duration_is_written_as_it_is_read(tmp_path: Path, text: str) -> None:
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    assert duration_text(timedelta(**{units[text[-1]]: int(text[:-1])})) == text
