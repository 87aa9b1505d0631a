"""The two ways of cutting a page into items: the fast one gives what the careful one gives, whatever came."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.feed import page_scan
from planion_assets.feed.errors import FeedError

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


def _outcome(scan: Any, body: Any) -> Any:
    """All that is known of a page, or how it is refused; NaN equals itself here."""
    try:
        members, items = scan(body)
    except FeedError as error:
        return type(error), str(error)
    except (ValueError, RecursionError) as error:
        return RecursionError if isinstance(error, RecursionError) else ValueError
    if items is None:
        return repr(members), None
    members.pop("_items", None)  # one that is no list, beside one that is
    return repr(members), [(one.payload, one.digest, repr(one.content), one.plain) for one in items]


@given(body=_bodies, cut=st.none() | st.integers(0, 200), byte=st.sampled_from([b"", b"\xff", b'"', b"}", b",", b"1"]))
def test_both_ways_give_the_same(body: str, cut: int | None, byte: bytes) -> None:
    said = body.encode()
    if cut is not None:
        said = said[:cut] + byte + said[cut + 1 :]
    assert _outcome(page_scan.scan, said) == _outcome(lambda text: page_scan._scan(text.decode("utf-8-sig")), said)


@pytest.mark.parametrize("token", _TOKENS)
def test_each_spelling_is_read_the_same(token: str) -> None:
    body = f'{{"_items": [{{"a": {token}}}, {token}], "_meta": {token}}}'.encode()
    assert _outcome(page_scan.scan, body) == _outcome(lambda text: page_scan._scan(text.decode()), body)


def test_an_ordinary_page_is_cut_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_scan, "_scan", None)
    members, items = page_scan.scan(b'\xef\xbb\xbf {"_items": [ {"a": 1} ,"x"], "_meta": {"total": 2}}')
    assert members == {"_meta": {"total": 2}}
    assert items is not None
    assert [item.payload for item in items] == ['{"a": 1}', '"x"']
