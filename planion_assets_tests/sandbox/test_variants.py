"""Other spellings in the sandbox: they are sent, and say what the usual ones say."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

import planion_assets.sandbox.items
from planion_assets.feed.page import parse_page
from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import Sandbox, json_text
from planion_assets.sandbox.variants import LEAST, VARIANTS, varied
from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Zones

KEY = ConferenceKey("AAA", "AM2036")
# Columns of the text as the feed writes it, next to those of the values that are read from it.
_AS_IT_CAME = {
    "sessions": {"start_time", "rendmins", "end_date", "session_updated_at"},
    "session_speakers": {"sortorder", "role"},
}
# A part of each spelling, as it stands in the feed's JSON text.
SENT = (
    ' 00:00:00", "startTime"', 'T00:00:00", "startTime"', 'Z", "schedule_updated_at"', "p.m.", "CST", '"1,5"', '"2.0"',
    '.000000", "schedule_updated_at"', '"tracks": {', "- Withdrawn", "(declined)", '"Session  Organizer "',
)  # fmt: skip


def _rows(items: list[Any]) -> Iterator[tuple[str, str, list[Any]]]:
    """The values of each column that is read from the items, but those that are as they came."""
    page = parse_page(json_text({"_items": items}).encode(), 1)
    builder = Builder(KEY, page.items, Zones(venue="America/New_York"))
    for table in (one for one in TABLES if one.endpoint == "sessions" and one.upstream and not one.of_items):
        data = builder.build(table).data
        private = table.name.removeprefix("published_")
        for name in set(data.column_names) - _AS_IT_CAME.get(private, set()):
            yield table.name, name, data[name].to_pylist()


def test_each_way_is_sent_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    items = Sandbox().items(KEY.account, KEY.conference)
    monkeypatch.setattr(planion_assets.sandbox.items, "varied", lambda rng, items: {})
    usual = Sandbox().items(KEY.account, KEY.conference)
    differ = [place for place, (one, other) in enumerate(zip(items, usual, strict=True)) if one != other]
    assert len(differ) == 2 * len(VARIANTS)
    text = json.dumps(items)
    assert [said for said in SENT if said not in text] == []
    for (table, column, found), (*_, expected) in zip(_rows(items), _rows(usual), strict=True):
        assert found == expected, (table, column)


def test_a_small_conference_is_written_as_usual() -> None:
    items = Sandbox().items(KEY.account, KEY.conference)
    assert varied(Random(0), items[: LEAST - 1]) == {}  # noqa: S311 - made-up content
