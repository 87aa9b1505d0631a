"""What the page of `conference_status` shows: short enough to be shown in place, and a picture that is sound XML."""

import re
from xml.etree import ElementTree

from planion_assets.defs.rendering.svg_image import IN_PLACE
from planion_assets.defs.rendering.timeline import BARS, LISTED, MAX_ROWS, bars, svg, timeline, to_look_at
from planion_assets_tests.defs.rendering.ages import NOW, surveyed
from planion_assets_tests.defs.rendering.pictures import colours, contrast, picture


def test_the_bars_are_shown_in_place_however_many_conferences_there_are() -> None:
    many = [surveyed(f"{number}" + " conference" * 9, 24 * number) for number in range(300)]
    text = bars(many, NOW)
    assert len(text) < IN_PLACE
    assert len(text.splitlines()) == BARS + 2
    assert "299 d" in text.splitlines()[1]


def test_what_there_is_to_look_at_is_shown_in_place_with_every_name() -> None:
    few = to_look_at([surveyed(f"C{number}", 24 * 20) for number in range(8)])
    assert len(few) < IN_PLACE
    assert [line.split("**")[1] for line in few.splitlines()] == [f"AAA\\|C{number}" for number in range(8)]
    many = to_look_at([surveyed(f"C{number:02}", 24 * 20) for number in range(LISTED + 7)])
    assert len(many.splitlines()) == LISTED + 1
    assert many.endswith("and 7 more")
    one = to_look_at([surveyed("C", 24 * 20), surveyed("D", 1)])
    assert "ask the organiser" in one
    assert "AAA\\|D" not in one


def test_a_bar_is_full_at_the_limit_for_errors() -> None:
    lines = bars([surveyed("NEW", 0), surveyed("HALF", 7 * 24), surveyed("OLD", 14 * 24)], NOW).splitlines()[1:-1]
    assert [line.count("█") for line in lines] == [12, 6, 0]
    assert bars([surveyed("UNTIMED", None)], NOW) == "no conference under way has an age"


def test_the_picture_is_sound_xml_whatever_the_name() -> None:
    found = [surveyed("<b>&\"'", 40), surveyed("FUTURE", -999), surveyed("UNTIMED", None, read=False)]
    root = ElementTree.fromstring(svg(found, NOW))  # noqa: S314 - our own text
    words = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")]
    assert "AAA|<b>&\"'" in words
    assert "stale, 1 d 16 h" in words
    assert {"in the future", "no timestamps; never read"} <= set(words)
    ElementTree.fromstring(svg([], NOW))  # noqa: S314 - our own text


def test_a_point_is_left_of_a_limit_that_is_not_reached_and_right_of_one_that_is() -> None:
    picture = svg([surveyed("C1", 48)], NOW)
    warn, error = (int(x) for x in re.findall(r"d='M(\d+) \d+v12'", picture))
    (newest,) = (int(x) for x in re.findall(r"cx='(\d+)' cy='\d+' r='5'", picture))
    assert warn < newest < error


def test_the_timeline_is_an_image_and_counts_what_it_leaves_out() -> None:
    many = [surveyed(f"C{number}", number) for number in range(MAX_ROWS + 3)]
    text = timeline([*many, surveyed("GONE", 1, configured=False)], NOW)
    assert text.startswith("![ages of 40 conferences](<data:image/svg+xml,")
    assert picture(text).startswith("<svg ")
    assert "3 more that are no worse" in text
    assert "1 removed from planion.yaml, `planion forget` deletes them: AAA\\|GONE" in text
    assert timeline([], NOW).startswith("no conference is under way")


def test_verdicts_can_be_read_in_both_colour_schemes() -> None:
    text = timeline([surveyed("C", 1)], NOW)
    light, dark = colours(text, ".n")
    for rule in (".o", ".w", ".e"):
        on_light, on_dark = colours(text, rule)
        assert contrast(on_light, light) > 4.5
        assert contrast(on_dark, dark) > 4.5
