"""Tables built from items: schemas that never change, rows that never get lost."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from planion_assets.tables.arrow.builder import Builder, build_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.arrow.unreadable import unreadable_json
from planion_assets.tables.catalog import tables_of
from planion_assets.tables.model import IDENTIFIER, Column, Table, Zones
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.selection import update_range
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import ELSEWHERE, SESSIONS
from planion_assets_tests.small_sandbox import small_sandbox
from planion_assets_tests.tables.items import KEY, Item, build

TABLES = tables_of(["abstracts"])
"""The catalog's, and those of an endpoint that only settings name."""
ROOT = Path(__file__).parent.parent.parent
DIRTY: list[Any] = [
    None,
    "text",
    [],
    7,
    {},
    {"schedid": None},
    {"schedid": " "},
    {"schedid": {}},
    {"schedid": True},
    {"schedid": 1, "speakers": None},
    {"schedid": "2", "speakers": {}},
    {
        "schedid": "3",
        "speakers": ["x", None, {"pid": 7}],
        "sessionName": {"a": 1},
        "published": "maybe",
        "startDate": "2024-02-30",
        "session_updated_at": "0000-00-00 00:00:00",
        "credits1": "NaN",
        "rstartmins": 1e400,
        "description": "half \ud800 pair \0",
        "tracks": "no list",
    },
]
CONTRACT_PAGE = (ROOT / "docs" / "reference" / "sessions-feed.md").read_text(encoding="utf-8")
CONTRACT: dict[str, Any] = json.loads(CONTRACT_PAGE.split("```json")[1].split("```")[0])["_items"][0]
"""The session that the feed's contract has as a sample."""


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@pytest.mark.parametrize("contents", [[], DIRTY], ids=["nothing", "dirty"])
def test_a_schema_never_depends_on_the_data(table: Table, contents: list[Any]) -> None:
    built = build(table, *contents)
    assert built.schema.equals(schema_of(table), check_metadata=True)
    built.validate(full=True)


def test_every_item_is_in_raw_sessions_the_unusable_ones_too() -> None:
    raw = build(RAW_SESSIONS, *DIRTY)
    assert raw.num_rows == len(DIRTY)
    assert raw["schedid"].null_count == 9
    recovered = sorted(str(payload) for payload in raw["payload"].to_pylist())
    assert recovered == sorted(Item(content).payload for content in DIRTY)


def test_dirty_items_cost_their_values_and_nothing_else() -> None:
    built = build_table(SESSIONS, KEY, [Item(content) for content in DIRTY])
    assert built.data["schedid"].to_pylist() == ["1", "2", "3"]
    row = built.data.to_pylist()[2]
    assert row["session_name"] == '{"a":1}'
    assert {bad.column: (bad.count, bad.examples) for bad in built.unreadable} == {
        "published": (1, ('"maybe"',)),
        "start_date": (1, ('"2024-02-30"',)),
        "starts_at_local": (1, ('{"startDate": "2024-02-30", "rstartmins": Infinity}',)),
        "ends_at_local": (1, ('{"startDate": "2024-02-30", "rstartmins": Infinity}',)),
        "rstartmins": (1, ("Infinity",)),
        "session_updated_at": (1, ('"0000-00-00 00:00:00"',)),
        "credits1": (1, ('"NaN"',)),
        "tracks": (1, ('"no list"',)),
    }
    assert json.loads(unreadable_json(built.unreadable))["published"] == {
        "count": 1,
        "examples": ['"maybe"'],
        "schedids": ["3"],
    }
    links = build(SESSION_SPEAKERS, *DIRTY)
    by_position = sorted(zip(*(links[name].to_pylist() for name in ("position", "pid", "extra")), strict=True))
    assert by_position == [(0, None, '"x"'), (1, None, None), (2, "7", None)]


@pytest.mark.parametrize(
    ("value", "example"),
    [
        ("né", '"né"'),
        ({"日": "本"}, '{"日": "本"}'),
        ("half \ud800", '"half \\ud800"'),
        ("😀", '"😀"'),
        ("\0", '"\\u0000"'),
    ],
)
def test_examples_of_what_cannot_be_read_are_utf_8(value: Any, example: str) -> None:
    text = unreadable_json(build_table(SESSIONS, KEY, [Item({"schedid": "1", "published": value})]).unreadable)
    assert json.loads(text)["published"]["examples"] == [example]
    assert json.dumps(example, ensure_ascii=False).encode() in text.encode()


def test_of_unreadable_personal_data_there_is_a_count_and_no_example() -> None:
    person = Column("person", IDENTIFIER, "A person.", ("schedid",), personal=True)
    table = replace(SESSIONS, columns=(*SESSIONS.columns, person), records=lambda items: [{"schedid": {"name": "X"}}])
    built = build_table(table, KEY, [])
    assert {bad.column: (bad.count, len(bad.examples)) for bad in built.unreadable} == {
        "schedid": (1, 1),
        "person": (1, 0),
    }


def test_of_one_schedid_the_newest_item_is_the_row_in_whatever_order_they_come() -> None:
    old = {"schedid": "1", "sessionName": "old", "session_updated_at": "2026-01-01 00:00:00"}
    new = {
        "schedid": 1,
        "sessionName": "new",
        "session_updated_at": "2026-01-02 00:00:00",
        "speakers": [{"pid": 1}],
    }
    undated = {"schedid": " 1", "sessionName": "undated", "speakers": [{"pid": 2}, {"pid": 3}]}
    for contents in ([old, new, undated], [undated, new, old]):
        assert build(SESSIONS, *contents)["session_name"].to_pylist() == ["new"]
        assert build(SESSION_SPEAKERS, *contents)["pid"].to_pylist() == ["1"]
        assert build(RAW_SESSIONS, *contents).num_rows == 3


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_are_sorted_so_that_order_does_not_matter(table: Table) -> None:
    contents = [{"schedid": str(n % 7), "n": n, "speakers": [{"pslinkid": str(-n)}, {}]} for n in range(20)]
    assert build(table, *contents).equals(build(table, *reversed(contents)))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_declaration_is_sound(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert names[:2] == ["account", "conference"]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and name.isidentifier() for name in names)
    assert all(column.description.endswith(".") for column in table.columns)
    assert all(column.source for column in table.columns)
    assert {*table.key, *table.preview} <= set(names)
    assert not any(table.column(name).personal for name in table.preview)
    assert set(table.upstream) <= {other.name for other in TABLES} - {table.name}


def test_the_fingerprint_changes_with_the_declaration() -> None:
    prints = {table.fingerprint for table in TABLES}
    assert len(prints) == len(TABLES)
    assert SESSIONS.fingerprint == SESSIONS.fingerprint


def _contract() -> tuple[set[str], set[str]]:
    """The keys of a session and of a speaker that the feed's contract names, in its sample and in its table."""
    listed = re.findall(r"^(\w+) *\|", CONTRACT_PAGE.split("### Data Response Elements")[1], re.MULTILINE)
    assert len(listed) >= 60
    return set(CONTRACT) | set(listed) - {"Key"}, {key for speaker in CONTRACT["speakers"] for key in speaker}


def test_each_element_of_the_contract_has_a_column_or_a_stated_reason() -> None:
    session_keys, speaker_keys = _contract()
    for keys, table, elsewhere in (
        (session_keys, SESSIONS, ELSEWHERE),
        (speaker_keys, SESSION_SPEAKERS, frozenset[str]()),
    ):
        declared = {source for column in table.columns for source in column.source}
        assert keys - declared - elsewhere == set()
        assert keys & elsewhere == {key for key in elsewhere if key in keys}
        assert not declared & elsewhere


def test_what_has_no_column_is_kept_as_extra() -> None:
    speaker = {"pid": "1", "badge": {"colour": "red"}, "extra": 1}
    session = {"schedid": "1", "_id": "x", "groups": ["a", None], "custom21": "", "extra": "own", "speakers": [speaker]}
    assert json.loads(str(build(SESSIONS, session)["extra"].to_pylist()[0])) == {
        "groups": ["a", None],
        "custom21": "",
        "extra": "own",
    }
    links = build(SESSION_SPEAKERS, session)
    assert json.loads(str(links["extra"].to_pylist()[0])) == {"badge": {"colour": "red"}, "extra": 1}
    assert build(SESSIONS, {"schedid": "1"})["extra"].to_pylist() == [None]


def test_a_speakers_member_with_the_name_of_another_column_is_kept_as_extra() -> None:
    members = {"position": "Chair", "schedid": "7", "account": "x", "conference": None}
    links = build(SESSION_SPEAKERS, {"schedid": "1", "speakers": [{"pid": "2", **members}]})
    assert links.select(["schedid", "position", "account"]).to_pylist() == [
        {"schedid": "1", "position": 0, "account": KEY.account}
    ]
    assert json.loads(str(links["extra"].to_pylist()[0])) == members


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_items_that_differ_only_beside_their_content_do_not_depend_on_the_order(table: Table) -> None:
    twins: list[Any] = [{"schedid": "1", "pid": "1", "_x": n} for n in range(3)] + [{"_x": n} for n in range(3)]
    assert build(table, *twins).equals(build(table, *reversed(twins)))


def test_every_field_the_sandbox_sends_has_a_column() -> None:
    sandbox = small_sandbox(150, ["myaccount|2018", "AAA|AM2026"])
    contents = [content for key in (("myaccount", "2018"), ("AAA", "AM2026")) for content in sandbox.items(*key)]
    for table in (SESSIONS, SESSION_SPEAKERS):
        built = build(table, *contents)
        assert built.num_rows > 200
        assert built["extra"].null_count == built.num_rows


def test_times_are_instants_where_the_zone_is_known() -> None:
    session = {
        "schedid": "1",
        "startDate": "2024-11-03",
        "startTime": "07:30 pm",
        "endTime": "12:30 am",
        "session_updated_at": "2024-01-31 15:30:43",
        "description": "<p>Ice &amp; cream</p>",
    }
    names = ("starts_at_local", "ends_at_local", "starts_at", "ends_at", "session_updated_at", "description_text")
    local = [datetime(2024, 11, 3, 19, 30), datetime(2024, 11, 4, 0, 30)]  # noqa: DTZ001
    updated = datetime(2024, 1, 31, 15, 30, 43, tzinfo=UTC)
    row = build(SESSIONS, session).to_pylist()[0]
    assert [row[name] for name in names] == [*local, None, None, updated, "Ice & cream"]
    zones = Zones(feed="Europe/Berlin", venue="America/Chicago")
    row = build_table(SESSIONS, KEY, [Item(session)], zones).data.to_pylist()[0]
    instants = [datetime(2024, 11, 4, 1, 30, tzinfo=UTC), datetime(2024, 11, 4, 6, 30, tzinfo=UTC)]
    assert [row[name] for name in names] == [*local, *instants, updated - timedelta(hours=1), "Ice & cream"]


def test_the_range_of_updates_is_of_what_can_be_read() -> None:
    contents = [
        {"schedid": str(n), "session_updated_at": text}
        for n, text in enumerate(["2026-01-02 00:00:00", "never", None, "2025-01-01 00:00:00"])
    ]
    assert update_range([Item(content) for content in contents], "UTC") == (
        datetime(2025, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 2, tzinfo=UTC),
    )
    assert update_range([Item({"schedid": "1"})], "UTC") is None


def test_tables_made_in_pieces_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [*DIRTY, *({**DIRTY[-1], "schedid": str(n), "pid": n % 3} for n in range(20)), {"_x": 1}, {"_x": 2}]
    items = [Item(content) for content in contents]
    builder = Builder(KEY, items, together=TABLES)
    wholes = {table.name: builder.build(table) for table in TABLES}
    monkeypatch.setattr("planion_assets.tables.arrow.builder._PIECE", 2)
    monkeypatch.setattr("planion_assets.tables.arrow.builder._PART", 2)
    builder = Builder(KEY, items, together=TABLES)
    for table in TABLES:
        pieced, whole = builder.build(table), wholes[table.name]
        assert pieced.data.equals(whole.data), table.name
        counts = {bad.column: (bad.count, bad.examples, bad.schedids) for bad in whole.unreadable}
        assert {bad.column: (bad.count, bad.examples, bad.schedids) for bad in pieced.unreadable} == counts, table.name


def test_stored_items_come_back_as_they_were() -> None:
    raw = build(RAW_SESSIONS, *DIRTY[:-1])
    sent = [Item(content) for content in DIRTY[:-1]]
    stored, expected = (Builder(KEY, items, together=TABLES) for items in (stored_items(raw), sent))
    for table in TABLES:
        assert stored.build(table).data.equals(expected.build(table).data)


def test_names_are_on_one_line_and_free_text_stays_as_it_came() -> None:
    spaced = " Hall  A\u00a0West \n"
    speaker = {"pid": " 7  8 ", "role": spaced, "affil": spaced, "fname": spaced, "description": spaced}
    session = {"schedid": " 1  2 ", "roomname": spaced, "custom1": spaced, "custom1name": spaced, "adanotes": spaced}
    session |= {"description": spaced, "credits1_label": spaced}
    item = {**session, "tracks": [{"track": spaced, "desc": "é  x"}], "speakers": [speaker]}
    row, link = build(SESSIONS, item).to_pylist()[0], build(SESSION_SPEAKERS, item).to_pylist()[0]
    assert {row[name] for name in ("roomname", "custom1", "custom1_name", "credits1_label")} == {"Hall A West"}
    assert {link[name] for name in ("role", "affil", "fname")} == {"Hall A West"}
    assert (row["description"], row["adanotes"], link["description"]) == (spaced, spaced, spaced)
    assert (row["schedid"], link["pid"]) == ("1  2", "7  8"), "identifiers lose what is around them alone"
    assert row["tracks"] == '[{"track":"Hall A West","desc":"é x"}]'


def test_a_track_without_a_name_does_not_take_away_the_others() -> None:
    built = build_table(
        SESSIONS, KEY, [Item({"schedid": "1", "tracks": [{"track": "AI"}, {"TRACK": "", "desc": " "}]})]
    )
    assert built.data["tracks"].to_pylist() == ['[{"track":"AI","desc":null},{"track":null,"desc":null}]']
    assert not built.unreadable


@pytest.mark.parametrize("value", ["AI", 5, True, {"x": "a"}, [{"x": 1}], {"0": "a", "x": 1}])
def test_what_are_no_tracks_is_null_and_counted(value: Any) -> None:
    built = build_table(SESSIONS, KEY, [Item({"schedid": "1", "tracks": value})])
    assert built.data["tracks"].to_pylist() == [None]
    assert [bad.column for bad in built.unreadable] == ["tracks"]
