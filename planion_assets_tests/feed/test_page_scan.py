"""Cutting a page into items: what is cut out is what Python's `json` reads, whatever came."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.feed.errors import FeedError
from planion_assets.feed.item import item_of
from planion_assets.feed.page_scan import scan

_TOKENS = (
    *(
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-0.0",
        "1.0",
        "1E5",
        "0.1e-1",
        "1e400",
        "-1e400",
        "1e-400",
        "NaN",
        "Infinity",
    ),
    *("9007199254740993", "18446744073709551615", "18446744073709551616", "-9223372036854775809", "1" * 40, "1" * 5001),
    *("1.7976931348623159e308", "5e-324", "0." + "1" * 400, "01", "1.", "-", "+1", "'x'", "tru", "[1,]", '{"a":1,}'),
    *('""', r'"\ud800"', r'"\ud83d\ude00"', r'"\udc00\ud800"', r'"\u0000"', r'"\/"', r'"\x"', '"é\u2028🎪"', '"\t"'),
    *('{"a": 1, "a": 2}', '{"a": 1e400, "a": 2}', '{"_x": "\\ud800"}', "[" * 99 + "]" * 99, "[" * 101 + "]" * 101),
    *("[" * 300 + "]" * 300, '{"a": [{}]}', '{"\\u0061": 1}', '{"": 1}', "{1: 2}"),
)
_SPACE = st.sampled_from(["", " ", "\n\t", "\r ", "\v"])
_text = st.recursive(
    st.sampled_from(_TOKENS) | st.text(max_size=8).map(json.dumps) | st.floats().map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda found: f"[{' ,'.join(found)}]")
        | st.lists(st.tuples(st.sampled_from(["schedid", "_etag", "a", "A"]), inner), max_size=4).map(
            lambda found: "{" + ", ".join(f'"{name}" :{value}' for name, value in found) + "}"
        )
    ),
    max_leaves=8,
)
_lists = st.tuples(_SPACE, st.lists(_text, max_size=4)).map(lambda found: f"[{found[0]}{','.join(found[1])}{found[0]}]")
_pages = st.lists(
    st.tuples(st.sampled_from(["_items", "\\u005fitems", "_meta", "_links", "x"]), _lists | _text),
    max_size=4,
    unique_by=lambda member: member[0][-5:],  # of two of one name only the last may be looked at
).map(lambda found: "{" + ", ".join(f'"{name}": {value}' for name, value in found) + "}")
_bodies = st.tuples(st.sampled_from(["", "\ufeff", "\ufeff\ufeff", " "]), _pages | _text, _SPACE).map("".join)


def _expected(body: bytes) -> Any:
    """What Python's `json` makes of a page, or that it refuses it; NaN equals itself here."""
    try:
        members = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return RecursionError if isinstance(error, RecursionError) else ValueError
    if not isinstance(members, dict):
        return FeedError
    items = members.pop("_items", None)
    return repr(members), [repr(item) for item in items] if isinstance(items, list) else None


def _scanned(body: bytes) -> Any:
    try:
        members, items = scan(body)
    except FeedError as error:
        return FeedError if "levels" not in str(error) else "too deep"
    except (ValueError, RecursionError) as error:
        return RecursionError if isinstance(error, RecursionError) else ValueError
    members.pop("_items", None)  # one that is no list
    if items is None:
        return repr(members), None
    assert [repr(json.loads(item.payload)) for item in items] == [repr(item.content) for item in items]
    assert [item.digest for item in items] == [item_of(item.payload).digest for item in items]
    return repr(members), [repr(item.content) for item in items]


@given(body=_bodies, cut=st.none() | st.integers(0, 200), byte=st.sampled_from([b"", b"\xff", b'"', b"}", b",", b"1"]))
def test_a_page_is_cut_into_what_json_reads(body: str, cut: int | None, byte: bytes) -> None:
    said = body.encode()
    if cut is not None:
        said = said[:cut] + byte + said[cut + 1 :]
    found = _scanned(said)
    expected = _expected(said)
    assert found in ("too deep", expected) or (found is FeedError and expected is ValueError)  # refused before its end


@pytest.mark.parametrize("token", _TOKENS)
def test_each_spelling_is_read_as_json_reads_it(token: str) -> None:
    body = f'{{"_items": [{{"a": {token}}}, {token}], "_meta": {token}}}'.encode()
    found = _scanned(body)
    assert found == ("too deep" if token.count("[") > 99 else _expected(body))


def test_items_are_the_text_that_came() -> None:
    members, items = scan(b'\xef\xbb\xbf {"_items": [ {"a": 1} ,"x"], "_meta": {"total": 2}}')
    assert members == {"_meta": {"total": 2}}
    assert items is not None
    assert [item.payload for item in items] == ['{"a": 1}', '"x"']
