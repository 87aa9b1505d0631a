"""The conference of every mess: what is in it, on the wire and as tables."""

import json
from datetime import UTC, datetime

from planion_assets.feed.page import parse_page
from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import Sandbox, json_text
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.rejected_items import REJECTED_ITEMS
from planion_assets.tables.sessions import SESSIONS

KEY = ConferenceKey("AAA", "MESS")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# What is feared of the feed, as it stands in its JSON text.
FEARED = (
    '"schedid": null', '"schedid": 990900', '"schedid": " 990901 "', '"speakers": null', '"speakers": {}',
    '["x", null, {"pid": 7}]', "25:99 xm", "2024-02-30", "0000-00-00 00:00:00", '"NaN"', ": 1e400", ": -0.0",
    ": 1" + "0" * 30, "\\u0000", "\\ud800", "\\udfff", "<script>", "(javascript:",
)  # fmt: skip


def _text(sandbox: Sandbox) -> str:
    return json_text({"_items": sandbox.items(KEY.account, KEY.conference)})


def test_everything_that_is_feared_is_in_it() -> None:
    text = _text(Sandbox())
    assert [feared for feared in FEARED if feared not in text] == []
    items = json.loads(text)["_items"]
    assert any(isinstance(item, dict) and "schedid" not in item for item in items)
    assert max(len(str(item.get("sessionName"))) for item in items if isinstance(item, dict)) > 190_000
    assert sum(not isinstance(item, dict) for item in items) == 4


def test_a_field_is_an_object_today_and_text_tomorrow_and_the_schema_stays() -> None:
    sandbox = Sandbox()
    schemas, kinds = set(), []
    for turn in range(2):
        items = parse_page(_text(sandbox).encode(), 1).items
        schemas.add(build_table(SESSIONS, KEY, items).data.schema.to_string())
        kinds.append({type(item.content.get("custom2")) for item in items if isinstance(item.content, dict)})
        assert sandbox.advance(NOON)[str(KEY)] == {"edited": 1, "added": 0, "removed": 0}, turn
    assert len(schemas) == 1
    assert (dict in kinds[0], dict in kinds[1]) == (True, False)


def test_every_table_is_built_and_every_item_is_a_session_or_rejected() -> None:
    items = parse_page(_text(Sandbox()).encode(), 1).items
    built = {table.name: build_table(table, KEY, items) for table in TABLES if table.endpoint == "sessions"}
    for table in TABLES:
        if table.endpoint == "sessions":
            built[table.name].data.validate(full=True)
            assert built[table.name].data.schema.equals(schema_of(table), check_metadata=True)
    assert built["raw_sessions"].data.num_rows == len(items) == 41
    sessions = built[SESSIONS.name]
    assert len(set(sessions.data["schedid"].to_pylist())) == sessions.data.num_rows == 30
    reasons = built[REJECTED_ITEMS.name].data["reason"].to_pylist()
    assert reasons.count("not an object") == 4
    assert reasons.count("no usable schedid") == 5
    unreadable = {bad.column for bad in sessions.unreadable}
    assert {"published", "start_date", "starts_at_local", "session_updated_at", "credits1", "rstartmins"} <= unreadable
