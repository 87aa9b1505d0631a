"""The tables of an endpoint whose fields are not known: a row per item, and a row per item and field."""

from typing import Any

import pytest

from planion_assets.tables.catalog import TABLES, raw_table, tables_of, upstream_of
from planion_assets.tables.endpoint_tables import endpoint_tables
from planion_assets_tests.feed.server import content_digest
from planion_assets_tests.tables.items import build

RAW, FIELDS = endpoint_tables("abstracts")


def _fields(*contents: Any) -> dict[Any, tuple[Any, Any]]:
    """By field its value and extra."""
    rows = build(FIELDS, *contents).to_pylist()
    return {row["field"]: (row["value"], row["extra"]) for row in rows}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Plasticity", "Plasticity"),
        ("  two\n lines  ", "  two\n lines  "),
        ("<p>caf\u00e9</p>", "<p>caf\u00e9</p>"),
        ("half \ud800 pair", "half \ufffd pair"),
        (910152, "910152"),
        (2**70, "1180591620717411303424"),
        (0.5, "0.5"),
        (-0.0, "-0.0"),
        (True, "true"),
        (False, "false"),
        ({"$oid": "5aaa7a013d0b7f000b72492b"}, "5aaa7a013d0b7f000b72492b"),
        ({"$numberLong": "7"}, "7"),
        ({"$date": 0}, "1970-01-01 00:00:00+00:00"),
        *((blank, None) for blank in ("", " ", "\u00a0\t\n", None)),
    ],
)
def test_what_is_no_list_and_no_object_is_text(value: Any, text: str | None) -> None:
    assert _fields({"title": value}) == {"title": (text, None)}


@pytest.mark.parametrize(
    ("value", "json"),
    [
        ([], "[]"),
        ({}, "{}"),
        ([{"name": "é"}, None], '[{"name":"é"},null]'),
        ({"0": "a", "3": "b"}, '{"0":"a","3":"b"}'),
        ({"$oid": 7}, '{"$oid":7}'),
        (1e400, "1e999"),
        (-1e400, "-1e999"),
        (float("nan"), "null"),
    ],
)
def test_what_no_text_says_is_json(value: Any, json: str) -> None:
    assert _fields({"title": value}) == {"title": (None, json)}


@pytest.mark.parametrize(("content", "json"), [("x", '"x"'), (7, "7"), ([], "[]"), ([{"a": 1}], '[{"a":1}]')])
def test_an_item_that_is_no_object_is_a_row(content: Any, json: str) -> None:
    assert _fields(content) == {None: (None, json)}


@pytest.mark.parametrize("content", [None, {}, {"_id": "1", "account": "AAA", "Conference": "AM2026"}])
def test_an_item_without_a_field_is_a_row(content: Any) -> None:
    assert _fields(content) == {None: (None, None)}


def test_keys_stay_as_they_are_and_each_apart() -> None:
    keys = ["title", "Title", " title", "", " ", 'a"b', "two\nlines", "half \ud800", "half \ufffd", "accounts", "a_b"]
    written = ["title", "Title", " title", "", " ", 'a\\"b', "two\\nlines", "half \\ud800", "half \ufffd"]
    assert _fields(dict.fromkeys(keys, 1)) == dict.fromkeys([*written, "accounts", "a_b"], ("1", None))


def test_bookkeeping_and_owner_are_no_fields_and_the_id_is_a_column() -> None:
    item = {"_id": " 65dd ", "_etag": "x", "_links": {}, "account": "AAA", "CONFERENCE": "AM2026", "title": "One"}
    (row,) = build(FIELDS, item).to_pylist()
    assert row == {
        "account": "AAA",
        "conference": "AM2026",
        "item_id": "65dd",
        "digest": content_digest(item),
        "field": "title",
        "value": "One",
        "extra": None,
    }


@pytest.mark.parametrize("identifier", [None, "", " ", [], True, {"a": 1}])
def test_an_item_without_a_usable_id_is_there_all_the_same(identifier: Any) -> None:
    for table in (RAW, FIELDS):
        assert build(table, {"_id": identifier, "title": "One"})["item_id"].to_pylist() == [None]


def test_items_of_equal_content_are_one_and_those_of_one_id_are_not() -> None:
    twins = [{"_id": "1", "title": "One"}, {"_id": "2", "title": "One"}, {"_id": "1", "title": "Other"}]
    assert build(RAW, *twins).num_rows == 3
    found = build(FIELDS, *twins).to_pylist()
    assert sorted((row["item_id"], row["value"]) for row in found) == [("1", "Other"), ("2", "One")]


def test_no_schema_and_no_column_depends_on_the_endpoint() -> None:
    names = ("abstracts", "eposters", "disclosures", "x")
    tables = [table for name in names for table in endpoint_tables(name)]
    assert len({table.fingerprint for table in tables} | {table.fingerprint for table in TABLES}) == 8 + len(TABLES)
    assert {table.columns for table in tables} == {RAW.columns, FIELDS.columns}
    assert [table.location for table in tables] == [table.name for table in tables]
    assert not any(table.public for table in tables)


def test_what_may_be_of_a_person_is_marked() -> None:
    marked = {(table.name, column.name) for table in (RAW, FIELDS) for column in table.columns if column.personal}
    assert marked == {("raw_abstracts", "payload"), ("abstracts", "value"), ("abstracts", "extra")}


def test_the_catalog_has_the_tables_of_names_that_are_not_its_own_and_each_once() -> None:
    assert tables_of([]) == tables_of(["sessions", "speakers"]) == TABLES
    assert tables_of(["sessions", "abstracts", "speakers", "abstracts"]) == (*TABLES, RAW, FIELDS)
    assert raw_table("abstracts") is RAW
    assert upstream_of(FIELDS) == [RAW]
    assert upstream_of(RAW) == []
