"""Keys in another letter case than the contract's, from the feed's page to every table."""

from typing import Any

import pytest

from planion_assets.feed.page import parse_page
from planion_assets.feed.spooled_items import SpooledItems
from planion_assets.members import member
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.fields.spellings import Spellings
from planion_assets.tables.model import Table
from planion_assets.tables.quality.feed import fields_are_known
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.rejected_items import REJECTED_ITEMS
from planion_assets.tables.rejected_people import REJECTED_PEOPLE
from planion_assets.tables.selection import identifier_of, with_extra
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.tables.items import KEY, build
from planion_assets_tests.tables.test_quality import contents_of_items

EXACT: dict[str, Any] = {
    "schedid": "21899",
    "pid": "5",
    "sesid": 7.0,
    "published": True,
    "sessionName": "Novelty",
    "session_updated_at": "2024-01-31 15:30:43",
    "startDate": "2024-11-03",
    "startTime": "07:30 pm",
    "custom2": "b",
    "custom2name": "B",
    "credits1": "1.5",
    "credits1_label": "CME",
    "learning_objective1": "One",
    "tracks": [{"track": "Field", "desc": "Botany"}],
    "speakers": [{"pid": "1", "pslinkid": "2", "published": True, "resources": [{"type": "pdf", "url": "u"}]}],
}
AS_IT_CAME = ("digest", "payload", "resource", "resources", "tracks", "extra")


def _respelled(value: Any, spell: Any) -> Any:
    if isinstance(value, dict):
        return {spell(key): _respelled(inner, spell) for key, inner in value.items()}
    return [_respelled(inner, spell) for inner in value] if isinstance(value, list) else value


def test_of_two_spellings_the_exact_one_counts_and_the_other_is_unknown() -> None:
    session = {"schedId": "2", "schedid": "1", "SPEAKERS": [{"PID": "3"}], "Speakers": [{"Pid": 4, "pid": None}]}
    assert build(SESSIONS, session)["schedid"].to_pylist() == ["1"]
    assert build(SESSION_SPEAKERS, session)["pid"].to_pylist() == ["3"]
    assert fields_are_known.find(contents_of_items(session)) == [("1", "Speakers", 1), ("1", "schedId", 1)]
    assert build(SESSIONS, {"schedid": None, "schedId": "2"}).num_rows == 0


@pytest.mark.parametrize("spell", [str.upper, str.title, str.swapcase, lambda key: key[:5] + key[5:].capitalize()])
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_reads_keys_in_any_letter_case(table: Table, spell: Any) -> None:
    exact, respelled = build(table, EXACT), build(table, _respelled(EXACT, spell))
    drop = [name for name in exact.column_names if name in AS_IT_CAME]
    assert exact.num_rows == (1 if table not in (REJECTED_ITEMS, REJECTED_PEOPLE) else 0), "give EXACT its feed key"
    assert respelled.drop_columns(drop).equals(exact.drop_columns(drop))


def test_the_order_in_which_spellings_came_does_not_matter() -> None:
    spellings = Spellings(["schedid", "pid"])
    one, other = {"schedId": 1, "SchedID": 2, "x": 3}, {"SchedID": 2, "x": 3, "schedId": 1}
    assert spellings.exact(one) == spellings.exact(other) == {"schedId": 1, "schedid": 2, "x": 3}
    assert member(one, "schedid") == member(other, "schedid") == 2
    assert with_extra(spellings.exact(one), frozenset({"schedid", "pid"}))["extra"] == {"schedId": 1, "x": 3}


def test_a_record_in_the_contracts_spelling_is_not_copied() -> None:
    spellings = Spellings(["schedid", "pid"])
    for record in ({"schedid": 1}, {"schedid": 1, "more": 2}, {}):
        assert spellings.exact(record) is record
    nothing: list[Any] = [{}, [], None, "schedid", {"x": 1}]
    assert [member(content, "schedid") for content in nothing] == [None] * 5


@pytest.mark.parametrize(
    ("written", "schedid"),
    [
        ('{"schedId": 21899.0}', "21899"),
        ('{"SCHEDID": " 21899 "}', "21899"),
        ('{"schedid": 1e3}', "1000"),
        ('{"schedid": {"$numberLong": "5887391606"}}', "5887391606"),
        ('{"schedid": "\\ud83d\\ude00"}', "\U0001f600"),
        ('{"schedid": "\\ud800"}', "\\ud800"),
        ('{"schedid": "\\\\ud800"}', "\\\\ud800"),
        ('{"schedid": "\\ufffd"}', "\ufffd"),
        ('{"schedid": 9007199254740993.0}', None),
    ],
)
def test_an_identifier_is_the_same_as_it_came_as_it_is_held_and_as_it_is_stored(
    written: str, schedid: str | None
) -> None:
    page = parse_page(f'{{"_items": [{written}]}}'.encode(), 1)
    spooled = SpooledItems().add(page, ("schedid", "_etag"))
    raw = build_table(RAW_SESSIONS, KEY, spooled.items).data
    assert raw["schedid"].to_pylist() == [schedid]
    items = (page.items[0], spooled.items[0], stored_items(raw)[0])
    assert [identifier_of(item, "schedid") for item in items] == [schedid] * 3
    sessions = [build_table(SESSIONS, KEY, [item]).data["schedid"].to_pylist() for item in items]
    assert sessions == [[schedid] if schedid is not None else []] * 3


def test_what_other_code_could_not_read_is_read_from_the_stored_text() -> None:
    contents = [{"schedId": 1.0}, {"schedid": "\ud800"}, {"schedid": "\ud801"}, {"schedid": "3"}]
    raw = build(RAW_SESSIONS, *contents)
    lost: dict[Any, str | None] = {"1": None, "\\ud800": "\ufffd", "\\ud801": "\ufffd", "3": "3"}
    older = raw.set_column(2, raw.schema.field(2), [[lost[schedid] for schedid in raw["schedid"].to_pylist()]])
    found = {identifier_of(item, "schedid") for item in stored_items(older)}
    assert found == {"1", "\\ud800", "\\ud801", "3"}
