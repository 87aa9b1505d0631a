"""All conferences in one strip: the worst first, none lost, and as light for ten thousand as for ten."""

import re
from collections.abc import Iterable

import pytest

from planion_assets.defs.rendering.heat_strip import CELLS, heat_strip
from planion_assets.defs.rendering.svg_image import IN_PLACE
from planion_assets.freshness.survey import Surveyed
from planion_assets_tests.defs.rendering.ages import NOW, surveyed
from planion_assets_tests.defs.rendering.pictures import colours, contrast, picture, words

STALE, WARNED, AGING, FRESH = 24 * 20, 40, 20, 1  # hours


def _aged(*hours: float | None) -> list[Surveyed]:
    return [surveyed(f"C{number}", age) for number, age in enumerate(hours)]


def _runs(markdown: str) -> list[tuple[int, int]]:
    """Where each run of cells begins and how wide it is, in pixels."""
    return [(int(x), int(width)) for x, width in re.findall(r"d='M(\d+) \d+h(\d+)M", picture(markdown))]


def test_the_worst_come_first_and_each_is_counted() -> None:
    markdown = heat_strip(_aged(FRESH, STALE, AGING, FRESH, WARNED, FRESH, FRESH, -500), NOW)
    assert words(markdown) == ["2 error", "1 warn", "1 past half of the limit", "4 fresh"]
    runs = _runs(markdown)
    assert [width // runs[1][1] for _, width in runs] == [2, 1, 1, 4]
    assert [x + width for x, width in runs[:-1]] == [x for x, _ in runs[1:]]
    assert len(set(re.findall(r"stroke='(#\w+)'", picture(markdown)))) == 4


def test_what_nobody_watches_is_not_in_it() -> None:
    rest = [surveyed("GONE", STALE, configured=False), surveyed("PAST", STALE, over=True)]
    assert words(heat_strip([*rest, *_aged(FRESH)], NOW)) == ["1 fresh"]
    assert heat_strip(rest, NOW) == heat_strip([], NOW) == "no conference is under way"


def _hours(number: int) -> Iterable[float | None]:
    yield from (STALE, WARNED, AGING)
    for _ in range(number - 3):
        yield FRESH


@pytest.mark.parametrize(("number", "each"), [(CELLS, 1), (CELLS + 1, 2), (10_000, 100)])
def test_it_is_shown_in_place_however_many_there_are(number: int, each: int) -> None:
    markdown = heat_strip(_aged(*_hours(number)), NOW)
    assert len(markdown) < IN_PLACE
    assert words(markdown) == ["1 error", "1 warn", "1 past half of the limit", f"{number - 3} fresh"]
    # One that is too old is seen among ten thousand.
    red, *_ = _runs(markdown)
    assert red[1] > 2
    assert ("each cell the worst of" in markdown) == (each > 1)
    assert markdown.endswith(f"each cell the worst of {each} conferences") == (each > 1)


def test_cells_are_told_from_both_backgrounds() -> None:
    markdown = heat_strip([*_aged(STALE, WARNED, AGING, FRESH), surveyed("NEW", None, read=False)], NOW)
    grounds = ["#fff", *re.findall(r"background:(#\w{6})", picture(markdown))]
    assert len(grounds) == 2
    for colour in re.findall(r"stroke='(#\w+)'", picture(markdown)):
        assert min(contrast(colour, ground) for ground in grounds) > 2.5, colour
    assert colours(markdown, ".none") == []
