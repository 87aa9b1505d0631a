"""The tidy tables beside `sessions`: a row per entry or filled field, whatever the feed puts there."""

import json
from typing import Any

import pytest

from planion_assets.tables.model import Table
from planion_assets.tables.rejected_items import REJECTED_ITEMS
from planion_assets.tables.session_credits import SESSION_CREDITS
from planion_assets.tables.session_custom_fields import SESSION_CUSTOM_FIELDS
from planion_assets.tables.session_learning_objectives import SESSION_LEARNING_OBJECTIVES
from planion_assets.tables.session_tracks import SESSION_TRACKS
from planion_assets.tables.speaker_resources import SPEAKER_RESOURCES
from planion_assets_tests.tables.items import Item, rows

TIDY = [SPEAKER_RESOURCES, SESSION_TRACKS, SESSION_CREDITS, SESSION_CUSTOM_FIELDS, SESSION_LEARNING_OBJECTIVES]


@pytest.mark.parametrize("table", TIDY, ids=lambda table: table.name)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tracks": None, "credits1": None, "custom1": None, "learning_objective1": None},
        {"tracks": {}, "credits1": "0.0", "credits1_label": "", "custom1": " ", "learning_objective1": ""},
        {"tracks": "Biology", "credits1": 0, "custom1": "", "custom1name": "Sponsor"},
        {"creditsX": "1", "custom": "x", "custom²": "x", "custom1name": "x", "learning_objective": "x"},
        {"custom12345": "x", "credits-1": "1"},
        {"custom01": "x", "credits001": "1", "credits001_label": "x", "learning_objective01": "x"},
    ],
)
def test_nothing_filled_in_is_no_row(table: Table, fields: dict[str, Any]) -> None:
    assert rows(table, {"schedid": "1", **fields}) == []


def test_items_that_are_no_session_are_rejected_with_the_reason() -> None:
    contents: list[Any] = [None, "text", {"schedid": " "}, {"schedid": {}}, {"schedid": "1"}]
    found = rows(REJECTED_ITEMS, *contents)
    expected = [
        (reason, None, Item(content).digest, Item(content).payload)
        for reason, content in zip(
            ["no usable schedid"] * 2 + ["not an object"] * 2, contents[2:4] + contents[:2], strict=True
        )
    ]
    assert found == sorted(expected)


def test_a_track_may_be_there_more_than_once() -> None:
    tracks = [{"track": "Field", "desc": "Botany"}, {"track": "Field", "desc": "Ecology"}, "Posters", None, {"desc": 7}]
    assert rows(SESSION_TRACKS, {"schedid": "9", "tracks": tracks}) == [
        ("9", 0, "Field", "Botany"),
        ("9", 1, "Field", "Ecology"),
        ("9", 2, "Posters", None),
        ("9", 3, None, None),
        ("9", 4, None, "7"),
    ]


def test_resources_come_with_their_engagement() -> None:
    slides = {"type": "pdf", "name": "Slides", "url": "https://a.test/1", "size": 1}
    speakers = [
        {"pslinkid": "5", "resources": [slides, "x", None]},
        "no object",
        {"resources": None},
        {"resources": [1]},
    ]
    assert rows(SPEAKER_RESOURCES, {"schedid": "9", "speakers": speakers}) == [
        ("9", "5", 0, 0, "pdf", "Slides", "https://a.test/1", json.dumps(slides, separators=(",", ":"))),
        ("9", "5", 0, 1, None, None, None, '"x"'),
        ("9", "5", 0, 2, None, None, None, None),
        ("9", None, 3, 0, None, None, None, "1"),
    ]


def test_only_real_credits_are_rows() -> None:
    session = {
        "schedid": "9",
        "credits1": "1.5",
        "credits1_label": "CME",
        "credits2": "0.0",
        "credits2_label": "CNE",
        "credits3": "0.25",
        "credits4": "0.0",
        "credits5": "many",
        "credits6_label": "AMA",
        "credits7_label": " ",
        "credits11": 2,
        "credits12_label": "AAFP",
    }
    assert rows(SESSION_CREDITS, session) == [
        ("9", 1, "CME", 1.5, None),
        ("9", 2, "CNE", 0.0, None),
        ("9", 3, None, 0.25, None),
        ("9", 5, None, None, "many"),
        ("9", 6, "AMA", None, None),
        ("9", 11, None, 2.0, None),
        ("9", 12, "AAFP", None, None),
    ]


def test_custom_fields_and_objectives_come_with_their_number() -> None:
    session = {
        "schedid": "9",
        "custom1name": "Sponsor",
        "custom1": "Acme",
        "custom21": 5,
        "learning_objective10": "Ten",
        "learning_objective2": "Two",
    }
    assert rows(SESSION_CUSTOM_FIELDS, session) == [("9", 1, "Sponsor", "Acme"), ("9", 21, None, "5")]
    assert rows(SESSION_LEARNING_OBJECTIVES, session) == [("9", 2, "Two"), ("9", 10, "Ten")]


def test_a_number_that_python_cannot_say_is_a_row_without_it() -> None:
    beyond = json.loads("1e400")
    session = {
        "schedid": "9",
        "credits1_label": beyond,
        "credits1": 1,
        "custom1": beyond,
        "learning_objective1": [beyond],
    }
    assert rows(SESSION_CREDITS, session) == [("9", 1, None, 1.0, None)]
    assert rows(SESSION_CUSTOM_FIELDS, session) == [("9", 1, None, None)]
    assert rows(SESSION_LEARNING_OBJECTIVES, session) == [("9", 1, "[1e999]")]
    assert rows(SESSION_TRACKS, {"schedid": "9", "tracks": [beyond]}) == [("9", 0, None, None)]
