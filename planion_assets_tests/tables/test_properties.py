"""What holds for every item that JSON can say, through the page parser and the transforms of every table."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given

from planion_assets.feed.item import Item
from planion_assets.tables.arrow.builder import Builder, build_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.catalog import tables_of
from planion_assets.tables.model import LIST, FeedItem, Table, Zones
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.rejected_items import REJECTED_ITEMS
from planion_assets.tables.rejected_people import REJECTED_PEOPLE
from planion_assets.tables.selection import duplicates
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.session_tracks import SESSION_TRACKS
from planion_assets.tables.sessions import ELSEWHERE, SESSIONS, TRACKS
from planion_assets.tables.speaker_resources import SPEAKER_RESOURCES
from planion_assets.tables.speakers import SPEAKERS
from planion_assets_tests.pages import module_of, python_blocks
from planion_assets_tests.tables.arbitrary import EXAMPLES, EXTENDED, items_of, snapshots
from planion_assets_tests.tables.items import KEY, sessions_of

OF_THE_ROW = ("account", "conference", "schedid", "position", "display_position", "extra")
SAMPLE: Table = module_of(python_blocks("CONTRIBUTING.md")[0], "CONTRIBUTING.md")["SESSION_GROUPS"]
"""The table that CONTRIBUTING.md shows, which has to take what it says every table takes."""
ZONES = Zones(feed="Europe/Berlin", venue="America/Chicago")
Test = Callable[..., None]


def for_every_snapshot(test: Test) -> Test:
    """Run a test with each example and with arbitrary snapshots."""
    for texts in EXAMPLES:
        test = example(texts)(test)
    return given(snapshots)(test)


def _build(table: Table, items: Iterable[FeedItem]) -> pa.Table:
    return build_table(table, KEY, items, ZONES).data


def _sound(text: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _one_line(text: str) -> str:
    return " ".join(re.sub("[\u00ad\u180e\u200b\u2060\ufeff]", "", _sound(text)).split())


def _key(record: Any, name: str) -> str | None:
    """The key of a record that counts as the known one, found without the code under test."""
    if name in record:
        return name
    return min((key for key in record if key.lower() == name.lower()), default=None)


def _member(content: Any, name: str) -> Any:
    key = _key(content, name) if isinstance(content, dict) else None
    return None if key is None else content[key]


def _plain(value: Any) -> Any:
    """The plain value of an object of extended JSON."""
    return next((plain for wrapped, plain in EXTENDED if wrapped == value), value)


def _identifier(content: Any, name: str) -> str | None:
    """The usable identifier of an item, reckoned without the code under test."""
    value = _member(content, name)
    if isinstance(value, dict) and "$date" in value:
        return value["$date"] if isinstance(value["$date"], str) else None
    value = _plain(value)
    if isinstance(value, str):
        text = value.strip()
        if re.search("[\ud800-\udfff]|\\\\u", text):
            return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):x}", text.replace("\\", "\\\\"))
        return text or None
    whole = type(value) is int or (type(value) is float and value.is_integer() and abs(value) < 2**53)
    return str(int(value)) if whole else None


def _identifiers(items: list[Item], name: str) -> list[str]:
    found = [_identifier(item.content, name) for item in items]
    return [identifier for identifier in found if identifier is not None]


def _list(content: Any, name: str) -> list[Any]:
    return _entries(_member(content, name))


def _entries(value: Any) -> list[Any]:
    """The entries of a list in any shape, reckoned without the code under test."""
    value = _plain(value)
    if isinstance(value, dict) and value:
        places = [key for key in value if re.fullmatch("[0-9]+", key)]
        if len(places) not in (0, len(value)):
            return []
        value = [value[key] for key in sorted(places, key=lambda key: (int(key), key))] if places else [value]
    listed = value if isinstance(value, list) else []
    return [inner for entry in listed for inner in (_entries(entry) if isinstance(entry, list) else [entry])]


@for_every_snapshot
def test_every_table_has_its_schema_and_one_row_per_key_whatever_the_order(texts: tuple[str, ...]) -> None:
    items, tables = items_of(texts), (*tables_of(["abstracts"]), SAMPLE)
    one, other = (Builder(KEY, some, ZONES, tables) for some in (items, items[::-1]))
    for table in tables:
        built = one.build(table).data
        assert built.schema.equals(schema_of(table), check_metadata=True)
        built.validate(full=True)
        assert built.equals(other.build(table).data), table.name
        assert set(built["account"].to_pylist()) <= {KEY.account}
        if (
            table not in (REJECTED_ITEMS, REJECTED_PEOPLE) and table.upstream
        ):  # those hold what came, twice if it came twice
            keys = Counter(tuple(row.values()) for row in built.select(table.key).to_pylist())
            assert max(keys.values(), default=1) == 1, table.name


@for_every_snapshot
def test_no_item_is_lost_and_each_comes_back_character_by_character(texts: tuple[str, ...]) -> None:
    items = items_of(texts)
    raw = _build(RAW_SESSIONS, items)
    assert Counter(raw["payload"].to_pylist()) == Counter(texts)
    assert Counter(raw["schedid"].to_pylist()) == Counter(_identifier(json.loads(text), "schedid") for text in texts)
    again = sorted((item.payload, item.digest) for item in stored_items(raw))
    assert again == sorted((item.payload, item.digest) for item in items)
    assert all(item.content == json.loads(item.payload) for item in items)


@for_every_snapshot
def test_rows_are_the_items_accepted_and_children_their_lists(texts: tuple[str, ...]) -> None:
    items = items_of(texts)
    schedids, accepted = _identifiers(items, "schedid"), sessions_of(items)
    assert _build(SESSIONS, items)["schedid"].to_pylist() == sorted(set(schedids))
    assert len(accepted) == len(set(schedids))
    assert all(any(content is item.content for item in items) for content in accepted)
    versions = {(found, item.digest) for item in items if (found := _identifier(item.content, "schedid")) is not None}
    unusable, losers = len(items) - len(schedids), len(versions) - len(accepted)
    assert _build(REJECTED_ITEMS, items).num_rows == unusable + losers
    assert duplicates(items, "schedid") == len(schedids) - len(versions)
    pids, people = _identifiers(items, "pid"), _build(SPEAKERS, items)
    versions = {(found, item.digest) for item in items if (found := _identifier(item.content, "pid")) is not None}
    losers = len(versions) - people.num_rows
    assert _build(REJECTED_PEOPLE, items).num_rows == len(items) - len(pids) + losers
    assert people["pid"].to_pylist() == sorted(set(pids))
    speakers = [speaker for content in accepted for speaker in _list(content, "speakers")]
    assert _build(SESSION_SPEAKERS, items).num_rows == len(speakers)
    assert _build(SESSION_TRACKS, items).num_rows == sum(len(_list(content, "tracks")) for content in accepted)
    resources = sum(len(_list(speaker, "resources")) for speaker in speakers)
    assert _build(SPEAKER_RESOURCES, items).num_rows == resources


@for_every_snapshot
def test_text_is_the_feeds_and_none_is_lost(texts: tuple[str, ...]) -> None:
    items = items_of(texts)
    accepted = {_identifier(content, "schedid"): content for content in sessions_of(items)}
    for row in _build(SESSIONS, items).to_pylist():
        _check(SESSIONS, row, accepted[row["schedid"]], elsewhere=ELSEWHERE | {"account", "conference", "schedid"})
    for row in _build(SESSION_SPEAKERS, items).to_pylist():
        speaker = _list(accepted[row["schedid"]], "speakers")[row["position"]]
        if isinstance(speaker, dict):
            _check(SESSION_SPEAKERS, row, speaker, elsewhere=frozenset())
    for row in _build(SESSION_TRACKS, items).to_pylist():
        track = _list(accepted[row["schedid"]], "tracks")[row["position"]]
        for name, source in (("track", "track"), ("value", "desc")):
            members = track if isinstance(track, dict) else {"track": track}
            assert _came_from(row[name], _member(members, source))


def _check(table: Table, row: dict[str, Any], record: dict[str, Any], *, elsewhere: frozenset[str]) -> None:
    """Each text of a row comes from a member of the record, and each member is in a column or in `extra`."""
    read = {_key(record, name) for name in elsewhere}
    for column in table.columns:
        if column.name in OF_THE_ROW:
            continue
        # What is read of the session is no member of its entries.
        read.update(_key(record, source) for source in column.source if not source.startswith("session."))
        if column.kind.arrow == "string" and not column.derive:
            text, members = row[column.name], [_member(record, source) for source in column.source]
            if column.kind in (LIST, TRACKS):
                assert (_is_list if column.kind == LIST else _are_tracks)(text, members[0])
                continue
            enough = all if text is None else any
            assert enough(_came_from(text, value) for value in members), column.name
    unknown = {name: value for name, value in record.items() if name not in read}
    if not _beyond(unknown):
        assert json.loads(row["extra"] or "{}") == unknown


def _is_list(text: str | None, value: Any) -> bool:
    """Whether a column may hold this for that list; null for none."""
    if text is None:
        return _entries(value) == []
    return _beyond(value) or bool(json.loads(text) == _entries(value))


def _are_tracks(text: str | None, value: Any) -> bool:
    """Whether `tracks` may hold this for that list; null for none, and for one with an object that is no track."""
    found = _entries(value)
    if text is None:
        named = [_member(entry, "track") or _member(entry, "desc") for entry in found if isinstance(entry, dict)]
        return not found or not all(named) or _beyond(value)
    return all(
        set(track) == {"track", "desc"} and all(_came_from(said, _track(entry, name)) for name, said in track.items())
        for track, entry in zip(json.loads(text), found, strict=True)
    )


def _track(entry: Any, name: str) -> Any:
    return _member(entry if isinstance(entry, dict) else {"track": entry}, name)


def _beyond(value: Any) -> bool:
    """Whether a value holds a number that Python cannot say, and so cannot be kept but in `raw_sessions`."""
    return "Infinity" in json.dumps(value)


def _came_from(text: str | None, value: Any) -> bool:
    """Whether a text column may hold this for that value of the feed: itself, or JSON that says it; null for none."""
    if text is None:
        blank = value is None or (isinstance(value, str) and not _one_line(value))
        return blank or _beyond(value) or type(value) not in (str, int)
    value = _plain(value)
    if isinstance(value, str) and text in (_sound(value), _one_line(value), _identifier({"id": value}, "id")):
        return True
    try:
        return bool(json.loads(text, parse_constant=pytest.fail) == value)
    except ValueError:
        return False
