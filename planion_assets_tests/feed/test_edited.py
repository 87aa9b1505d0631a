"""A feed that is edited while it is read, and back again: no state is stored that it never had.

Two walks over the same pages cannot tell a feed that stands still from one that shows each of them the same mixture of
two states: what they see is the same. So the second one is over pages of another size, whose borders are elsewhere.
"""

import logging
import random
from collections import Counter
from itertools import combinations

import pytest

from planion_assets_tests.feed.edited import FALSE, TRUE, EditedFeed

READINGS = 33_400


@pytest.mark.parametrize(("pages", "states_size"), [(2, True), (3, True), (4, True), (2, False), (3, False)])
def test_no_edits_of_two_walks_make_a_state_that_the_feed_never_had(pages: int, states_size: bool) -> None:
    """All places of up to four edits, among the requests of both walks."""
    places = [at for count in range(5) for at in combinations(range(2 * pages), count)]
    feed = EditedFeed(states_size=states_size)
    assert FALSE not in {feed.reading(pages, at.__contains__) for at in places}


@pytest.mark.parametrize("pages", [3, 4, 5])
def test_a_feed_that_keeps_its_page_size_takes_three_edits_to_deceive(pages: int) -> None:
    places = [*((),), *combinations(range(2 * pages), 1), *combinations(range(2 * pages), 2)]
    feed = EditedFeed(honours_size=False)
    assert Counter(feed.reading(pages, at.__contains__) for at in places) == {TRUE: len(places)}


@pytest.mark.parametrize("honours_size", [True, False])
def test_a_feed_that_stands_still_is_asked_for_each_page_twice(honours_size: bool) -> None:
    feed = EditedFeed(honours_size=honours_size)
    assert feed.reading(5, lambda _: False) == TRUE
    assert feed.asked == [1, 2, 3, 4, 5, 2, 4, 1, 3, 5]


@pytest.mark.soak
@pytest.mark.parametrize("often", [0.03, 0.3, 0.7])
@pytest.mark.parametrize(("honours_size", "at_most"), [(True, 0), (False, 1 / 8)])
def test_readings_of_a_feed_that_is_edited_at_random(
    honours_size: bool,
    at_most: float,
    often: float,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """`often` is the share of requests before which the feed is edited; the real one is, every 15 minutes at most.

    `at_most` is the share of readings that may show what the feed never had.
    """
    caplog.set_level(logging.ERROR)
    luck = random.Random(1)  # noqa: S311 - no secret
    feed = EditedFeed(honours_size=honours_size)
    readings = READINGS if honours_size else READINGS // 10
    found = Counter(feed.reading(luck.choice((2, 3, 4, 5)), lambda _: luck.random() < often) for _ in range(readings))
    with capsys.disabled():
        sizes = "pages of another size" if honours_size else "always the same pages"
        print(f"\n{sizes}, edited before {often:.0%} of the requests: {dict(found)}")
    assert found[FALSE] <= at_most * readings
