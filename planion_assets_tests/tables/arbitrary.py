"""Items that nobody thought of, and the bad ones that somebody did: strategies and examples for Hypothesis.

An item is JSON text here, as the feed sends it: JSON can say what Python's numbers cannot (`1e400`), and one key twice.
"""

import json
from typing import Any

from hypothesis import strategies as st

from planion_assets.feed.item import Item
from planion_assets.feed.page import parse_page
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.session_tracks import SESSION_TRACKS
from planion_assets.tables.sessions import SESSIONS
from planion_assets.tables.speaker_resources import SPEAKER_RESOURCES

INFINITE = float("inf")  # what Python makes of 1e400

BAD_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, -0.0, 1.5, INFINITE, -INFINITE, 10**30, 2**31, "", " ", "NaN", "1e400", "1_000", "maybe"),
    *("25:99 xm", "12:60 am", "07:30 pm", "2024-02-30", "2024-11-03", "0001-01-01", "9999-12-31", "12:00 am"),
    *("0000-00-00 00:00:00", "2024-01-31 15:30:43", "0001-01-01 00:00:00", "9999-12-31 23:59:59"),
    *("nul \0", "half \ud800 pair", "\udfff", "🎪", "<![x[>", "<p>a &amp; b", "&#xD800;&#0;<script>", "2018", "007"),
    *([], {}, [[]], ["x", None, {"pid": 7}], {"a": {"b": [INFINITE]}}, {"": None}),
    *([[{"pid": 1}], {"pid": 2}], {"3": {"pid": 3}, "0": "x", "12": [{}, {}]}, {"0": {}, "x": {}}, {"pid": 8}),
    *("\\ud800", "\\", "half \ud800 pair \\", "\ufffd", 21899.0, 2.0**53, "7:30\u202fpm", "11/03/2024"),
    *("Sat, 31 Jan 2026 15:30:43 GMT", "2026-01-31T15:30:43.123-05:00", "&#" + "9" * 5000 + ";", "1\u202f000"),
)
"""Values that are something else than what a key promises, for any key."""

EXTENDED: tuple[tuple[Any, Any], ...] = (
    ({"$numberLong": "5887391606"}, 5887391606),
    ({"$numberInt": "1"}, 1),
    ({"$oid": "5aaa7a013d0b7f000b72492b"}, "5aaa7a013d0b7f000b72492b"),
    ({"$date": {"$numberLong": "1706715043000"}}, "2024-01-31 15:30:43+00:00"),
    ({"$date": "2024-01-31T15:30:43Z"}, "2024-01-31T15:30:43Z"),
    ({"$numberDouble": "1.5"}, 1.5),
)
"""Objects of MongoDB's extended JSON, each with its value in a text column."""

SESSION_KEYS, SPEAKER_KEYS, TRACK_KEYS, RESOURCE_KEYS = (
    sorted({source for column in table.columns for source in column.source})
    for table in (SESSIONS, SESSION_SPEAKERS, SESSION_TRACKS, SPEAKER_RESOURCES)
)
_ANY_KEYS = sorted({source for table in TABLES for column in table.columns for source in column.source})
_ODD_KEYS = (
    "schedId",
    "SESSIONNAME",
    "Speakers",
    "Pid",
    "TRACK",
    "tracks ",
    "_etag",
    "_x",
    "custom21",
    "custom01",
    "custom0",
    "groups",
    "credits1_label",
    "credits11",
    "learning_objective²",
    "",
)


def everywhere(value: Any, schedid: str) -> dict[str, Any]:
    """A session with that value for every key that is known, of itself, a speaker, a track and a resource."""
    resource = dict.fromkeys(RESOURCE_KEYS, value)
    speaker = {**dict.fromkeys(SPEAKER_KEYS, value), "resources": [resource, value]}
    track = dict.fromkeys(TRACK_KEYS, value)
    lists = {"speakers": [speaker, {"resources": value}, value], "tracks": [track, value]}
    return {**dict.fromkeys((*SESSION_KEYS, *_ODD_KEYS), value), **lists, "schedid": schedid}


def text_of(content: Any) -> str:
    """The content as JSON text, in which an infinite number is one that is merely too large for Python."""
    return json.dumps(content).replace("Infinity", "1e400")


_BAD_VALUES = (*BAD_VALUES, *(wrapped for wrapped, _ in EXTENDED))
EXAMPLES: tuple[tuple[str, ...], ...] = (
    tuple(text_of(everywhere(value, f"{n}")) for n, value in enumerate(_BAD_VALUES)),
    tuple(text_of({"schedid": value, "speakers": [{}]}) for value in _BAD_VALUES),
    tuple(text_of({"schedid": f"{n}", "speakers": value, "tracks": value}) for n, value in enumerate(_BAD_VALUES)),
    tuple(text_of(value) for value in _BAD_VALUES),
    ('{"schedId": 1, "SCHEDID": 2, "Speakers": [{"PID": 3, "pid": 4}], "sessionname": "x", "SessionName": "y"}',),
    ('{"speakers": [{"pid": 7}]}',),
    ("{}", "{}"),
    (text_of({"schedid": "1", "sessionName": "x" * 200_000}),),
    ('{"schedid": "1", "schedid": "2", "speakers": 1, "speakers": [{}]}',),
    ('{"schedid": "1", "credits1": 1e400}', '{"schedid": "1", "credits1": 2e400}'),
    ('{"schedid": "1", "_x": 1}', '{"schedid": "1", "_x": 2}', '{"schedid": 1, "_x": 1}'),
    ('{ "schedid" : "\\u0031" }', '{"schedid": "1"}'),
    (text_of({"schedid": "1", "startDate": "9999-12-31", "startTime": "10:00 pm", "endTime": "09:00 am"}),),
    (text_of({"schedid": "1", "custom1": "a", "custom01": "b", "credits1": 1, "credits001": 2}),),
)
"""Snapshots that hold each bad value, in each place."""

_characters = st.characters(exclude_categories=())  # half a surrogate pair is a character of JSON
_scalars = st.sampled_from(_BAD_VALUES) | st.integers() | st.floats(allow_nan=False) | st.text(_characters, max_size=20)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(_characters, max_size=4), inner, max_size=4),
    max_leaves=6,
)


def _objects(keys: list[str], values: st.SearchStrategy[Any] = _values) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of the known keys, or of others."""
    names = st.sampled_from(keys) | st.sampled_from((*_ANY_KEYS, *_ODD_KEYS)) | st.text(_characters, max_size=6)
    return st.dictionaries(names, values, max_size=8)


def _with(objects: st.SearchStrategy[dict[str, Any]], **lists: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The objects with further members."""
    return st.builds(lambda members, more: {**members, **more}, objects, st.fixed_dictionaries({}, optional=lists))


def _lists(entries: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(entries | _values, max_size=3) | _values


_speakers = _with(_objects(SPEAKER_KEYS), resources=_lists(_objects(RESOURCE_KEYS)))
_schedids = st.sampled_from(("1", " 1", 1, "2", "\ud800", "\udfff", 2, 10**30))
_updates = st.sampled_from(("2024-01-31 15:30:43", "2024-01-31 15:30:44", "0000-00-00 00:00:00", None, 7))
_sessions = _with(
    _objects(SESSION_KEYS),
    schedid=_schedids | _values,
    session_updated_at=_updates | _values,
    speakers=_lists(_speakers),
    tracks=_lists(_objects(TRACK_KEYS)),
)

snapshots: st.SearchStrategy[tuple[str, ...]] = st.lists((_sessions | _values).map(text_of), max_size=5).map(tuple)
"""The JSON texts of a snapshot's items, most of them sessions of some kind."""


def items_of(texts: tuple[str, ...]) -> list[Item]:
    """The items of a page of the feed that holds these texts, read as the feed is read."""
    return list(parse_page(f'{{"_items": [{", ".join(texts)}]}}'.encode(), 1).items)
