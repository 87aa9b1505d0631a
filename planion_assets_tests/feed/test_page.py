"""From the bytes of a body to a page."""

import json

import pytest

from planion_assets.feed.errors import ContractError, TransientFeedError
from planion_assets.feed.page import parse_page
from planion_assets_tests.feed.server import content_digest

pytestmark = pytest.mark.usefixtures("no_collection")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "not a JSON object but a list"),
        (b"null", "not a JSON object but a NoneType"),
        *((text, "not a JSON object but a float;") for text in (b"1.5", b"1e400", b"NaN", b"-Infinity")),
        (b"{}", "no list `_items`; the answer holds nothing"),
        (b'{"_items": null}', "no list `_items`; the answer holds `_items`"),
        (b'{"_status": "ERR", "_error": {"code": 401}}', "holds `_status`, `_error`"),
        (b'{"_items": [], "_meta": {"page": 3}}', "page 1 was asked for and page 3 came"),
        (b'{"_items": [], "_meta": {"total": "many"}}', "`_meta.total` is 'many'"),
        (b'{"_items": [], "_meta": {"total": "' + b"1" * 5001 + b'"}}', "`_meta.total` is"),
        (b'{"_items": [], "_meta": {"total": -1}}', "`_meta.total` is '-1'"),
        (b'{"_items": [], "_meta": {"total": true}}', "`_meta.total` is 'True'"),
        (b'{"_items": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}", "nested too deep"),
        (b'{"_items": [' + b'{"a": [' * 50 + b"[]" + b"]}" * 50 + b"]}", "nested too deep"),
    ],
)
def test_json_of_another_shape_breaks_the_contract(body: bytes, reason: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse_page(body, 1)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"_items"',
        b'{"_items": [1 2]}',
        b'{"_items": [1,]}',
        b'{"_items": []} x',
        b'{"a": 1,}',
        b'{"_items": [1',
        b"{'_items': []}",
        b'{[1]: 2, "_items": []}',
        b"{null: 1}",
        b'{1: 2, "_items": []}',
        b'{"_items": [' + b"1" * 5001 + b"]}",
    ],
)
def test_what_is_not_json_is_worth_retrying(body: bytes) -> None:
    with pytest.raises(TransientFeedError, match="is not JSON"):
        parse_page(body, 1)


def test_a_payload_is_the_text_that_came() -> None:
    payloads = [
        '{"b": 1e400, "a": -0.0, "n": 1000000000000000000000000000000}',
        '{"a":1, "a":2}',
        r'{"surrogate": "\ud800", "nul": "\u0000", "é": "\/"}',
        "null",
        '"text"',
    ]
    body = ('\ufeff { "_meta" : null ,\n"_items": [ ' + " ,\n ".join(payloads) + ' ] , "_links": {} } ').encode()
    page = parse_page(body, 1)
    assert [item.payload for item in page.items] == payloads
    assert page.items[1].content == {"a": 2}
    assert (page.total, page.max_results, page.has_next) == (None, None, False)


def test_what_is_nested_less_deep_or_merely_wide_is_an_item() -> None:
    deep, wide = b"[" * 100 + b"1" + b"]" * 100, b"[" + b"{}," * 1000 + b"[]]"
    page = parse_page(b'{"_items": [' + deep + b", " + wide + b"]}", 1)
    assert [item.payload.encode() for item in page.items] == [deep, wide]


def test_counts_may_come_as_text_and_links_say_whether_there_is_more() -> None:
    page = parse_page(
        json.dumps(
            {
                "_items": [],
                "_meta": {"page": "1", "max_results": "100", "total": "823"},
                "_links": {"next": {"href": "sessions?page=2"}},
            }
        ).encode(),
        1,
    )
    assert (page.total, page.max_results, page.has_next) == (823, 100, True)


def test_a_page_without_links_says_nothing_of_a_next_one() -> None:
    assert parse_page(b'{"_items": []}', 1).has_next is None


def test_the_digest_ignores_order_and_bookkeeping_and_nothing_else() -> None:
    digest = content_digest({"schedid": "1", "speakers": [{"_id": 1}], "_etag": "x"})
    assert digest == content_digest({"_updated": "y", "speakers": [{"_id": 1}], "schedid": "1"})
    assert digest != content_digest({"schedid": "1", "speakers": [{"_id": 2}]})
    assert digest != content_digest({"schedid": 1, "speakers": [{"_id": 1}]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"n": "é"}', '{"n": "é", "_x": 1e400}'),
        ('{"n": "é"}', '{"n": 1e400, "n": "é"}'),
        ('{"b": 1.5, "a": {"d": 1, "c": 2}}', '{"a": {"c": 2, "d": 1.0}, "b": 15e-1}'.replace("1.0", "1")),
        ('{"n": "\\u00e9"}', '{"n": "é"}'),
        ('{"n": 123456789012345678901234567890}', ' { "n" : 123456789012345678901234567890 } '),
        ('{"n": "\\ud800"}', '{"_etag": 1, "n": "\\ud800"}'),
    ],
)
def test_equal_content_has_one_digest_however_it_is_written(one: str, other: str) -> None:
    first, second = parse_page(f'{{"_items": [{one}, {other}]}}'.encode(), 1).items
    assert first.digest == second.digest == content_digest(first.content) == content_digest(second.content)


@pytest.mark.parametrize(
    "different",
    [
        ("null", "1e400", "-1e400", "NaN", '"Infinity"'),
        ('"\\ud800"', '"\\udfff"', '"\\ufffd"', '"?"'),
        ("1", '"1"', "true", "[1]", '{"n": 1}'),
        ("18446744073709551615", "18446744073709551616", "18446744073709551617", "1.8446744073709552e19"),
    ],
)
def test_other_content_has_another_digest(different: tuple[str, ...]) -> None:
    items = ", ".join(f'{{"n": {value}}}' for value in different)
    digests = {item.digest for item in parse_page(f'{{"_items": [{items}]}}'.encode(), 1).items}
    assert len(digests) == len(different)
