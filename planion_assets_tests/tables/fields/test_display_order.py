"""The order of people in print."""

from typing import Any

import pytest

from planion_assets.tables.fields.display_order import display_positions
from planion_assets.tables.published_session_speakers import PUBLISHED_SESSION_SPEAKERS
from planion_assets.tables.published_speaker_resources import PUBLISHED_SPEAKER_RESOURCES
from planion_assets_tests.tables.items import build


@pytest.mark.parametrize(
    ("sortorders", "expected"),
    [
        (["2.0", "10", "002", "1"], [3, 4, 2, 1]),
        (["500", "002", "001", "003", "300"], [5, 2, 1, 3, 4]),
        ([None, "b", "a", "3", " ", 2], [5, 4, 3, 2, 6, 1]),
        ([10, 9, "8", {"$numberLong": "7"}], [4, 3, 2, 1]),
        (["-1", "0", "1,5", "1.4"], [1, 2, 4, 3]),
        (["1", "1", "1"], [1, 2, 3]),
        ([float("inf"), [], "x", True], [4, 1, 3, 2]),
        ([], []),
    ],
)
def test_numbers_come_before_texts_and_equal_ones_in_the_order_of_the_list(
    sortorders: list[Any], expected: list[int]
) -> None:
    assert display_positions(sortorders) == expected


def test_published_tables_have_no_gap_that_tells_of_who_is_hidden() -> None:
    orders = [("1", "30", True), ("2", "10", False), ("3", "20", True), ("4", "x", None), ("5", "5", True)]
    speakers = [
        {"pslinkid": pid, "pid": pid, "sortorder": order, "published": published, "resources": [{"url": pid}]}
        for pid, order, published in orders
    ]
    session = {"schedid": "1", "published": True, "speakers": speakers}
    other = {"schedid": "2", "published": True, "speakers": [{"pslinkid": "9"}, *speakers[:1]]}
    links = build(PUBLISHED_SESSION_SPEAKERS, session, other).to_pylist()
    assert [(row["schedid"], row["pid"], row["position"], row["display_position"]) for row in links] == [
        ("1", "1", 0, 3),
        ("2", "1", 0, 1),
        ("1", "3", 1, 2),
        ("1", "5", 2, 1),
    ]
    assert {"30", "20"}.isdisjoint(value for row in links for value in row.values()), "the organiser's own numbers"
    resources = build(PUBLISHED_SPEAKER_RESOURCES, session, other).to_pylist()
    assert [(row["schedid"], row["speaker_position"], row["url"]) for row in resources] == [
        ("1", 0, "1"),
        ("1", 1, "3"),
        ("1", 2, "5"),
        ("2", 0, "1"),
    ]
