"""A guess at a time zone is the likely one, or none: for what a person wrote, and for the name of a venue."""

from zoneinfo import available_timezones

import pytest

from planion_assets.config import zone_guess
from planion_assets.config.setting_values import checked_timezone
from planion_assets.config.zone_guess import likely_zone, zone_of_places

ZONES = available_timezones()


@pytest.mark.parametrize("written", ["Mars", "UTC+6 (winter)", "x", "XYZT", "/", " ", "the venue's"])
def test_nothing_is_guessed_where_nothing_is_near(written: str) -> None:
    assert likely_zone(written, ZONES) is None


def test_nothing_is_guessed_that_this_python_does_not_know() -> None:
    assert likely_zone("CST", {"UTC", "Europe/Berlin"}) is None


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("CST", "America/Chicago"),
        ("cdt", "America/Chicago"),
        ("EST", "America/New_York"),
        ("E.S.T.", "America/New_York"),
        ("EDT", "America/New_York"),
        ("MST", "America/Denver"),
        ("PST", "America/Los_Angeles"),
        ("CET", "Europe/Berlin"),
        ("CEST", "Europe/Berlin"),
        ("BST", "Europe/London"),
        ("JST", "Asia/Tokyo"),
        ("America/Chigaco", "America/Chicago"),
        ("america/chicago", "America/Chicago"),
        ("America/New York", "America/New_York"),
        ("Chicago", "America/Chicago"),
        ("New York", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
    ],
)
def test_the_likely_zone_is_guessed(written: str, zone: str) -> None:
    assert likely_zone(written, ZONES) == zone


def test_the_message_of_a_refused_zone_names_the_likely_one() -> None:
    with pytest.raises(ValueError, match=r"'CST' is not an IANA time zone; did you mean America/Chicago\?"):
        checked_timezone("CST")
    with pytest.raises(ValueError, match=r"write one like America/Chicago, or leave the value out"):
        checked_timezone("UTC+6 (winter)")


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["Henry B. Gonzalez Convention Center"],
        ["Hilton Londonderry"],
        ["Paris Las Vegas"],
        ["Hyatt Regency Chicago", "Hilton Boston"],
        ["Portland Convention Center"],
    ],
)
def test_no_place_or_places_in_several_zones_are_no_guess(texts: list[str]) -> None:
    assert zone_of_places(texts) is None


@pytest.mark.parametrize(
    ("texts", "zone"),
    [
        (["Hyatt Regency CHICAGO", "McCormick Place"], "America/Chicago"),
        (["Marriott Rivercenter, San Antonio"], "America/Chicago"),
        (["Moscone West, San Francisco, CA", "California"], "America/Los_Angeles"),
        (["Walter E. Washington Convention Center, Washington, D.C."], "America/New_York"),
        (["Messe München"], "Europe/Berlin"),
        (["St. Louis"], "America/Chicago"),
    ],
)
def test_a_place_is_guessed_by_its_name(texts: list[str], zone: str) -> None:
    assert zone_of_places(texts) == zone


def test_every_zone_of_the_tables_exists() -> None:
    assert {*zone_guess._ABBREVIATIONS.values(), *zone_guess._PLACES} <= ZONES
