"""Changes a day as bars: where the days are, how high, and short enough to be shown in place."""

import re
from datetime import date

import pytest

from planion_assets.defs.rendering.sparkline import sparkline
from planion_assets.defs.rendering.svg_image import IN_PLACE
from planion_assets.refresh.step_notes import DAYS
from planion_assets_tests.defs.rendering.pictures import picture, words

UNTIL = date(2026, 11, 24)


def _bars(markdown: str) -> list[tuple[int, int]]:
    """The place and the height of each bar, the latest first."""
    return [(int(x), int(height)) for x, height in re.findall(r"M(\d+) \d+v-(\d+)", picture(markdown))]


def test_days_go_from_left_to_right_and_the_most_is_highest() -> None:
    markdown = sparkline([4, 0, 8, 1], UNTIL)
    (last, half), (before, full), (first, little) = _bars(markdown)
    assert last > before > first
    assert last - before == 2 * (before - first)
    assert half * 2 == full
    assert 0 < little < half
    assert markdown.endswith("\n\n4 on 24 Nov 2026, 13 since 21 Nov 2026, at most 8 a day")


def test_one_change_among_very_many_is_seen() -> None:
    assert _bars(sparkline([1, 100_000], UNTIL))[0][1] > 1


@pytest.mark.parametrize("days", [[0], [0] * DAYS])
def test_days_without_changes_have_no_bar(days: list[int]) -> None:
    markdown = sparkline(days, UNTIL)
    assert _bars(markdown) == []
    assert "24 Nov" in words(markdown)
    assert "at most 0 a day" in markdown


def test_it_is_shown_in_place_however_much_changed() -> None:
    markdown = sparkline([10**7 - day for day in range(DAYS)], UNTIL)
    assert len(markdown) < IN_PLACE
    assert words(markdown) == ["24 Nov", "26 Oct"]
    assert len(_bars(markdown)) == DAYS
