"""One value of the feed as a type."""

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.tables.fields import timestamps, values
from planion_assets.tables.fields.values import Unreadable
from planion_assets_tests.cost import at_most

READERS: list[Callable[[Any], Any]] = [
    values.text,
    values.line,
    values.identifier,
    values.boolean,
    values.number,
    values.integer,
    timestamps.day,
    timestamps.instant,
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("blank", [None, "", " ", "\t\n"])
def test_blank_is_no_value(read: Any, blank: Any) -> None:
    assert read(blank) is None


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (values.identifier, True),
        (values.identifier, 1.5),
        (values.identifier, 2.0**53),
        (values.identifier, -1e300),
        (values.identifier, float("inf")),
        (values.identifier, float("nan")),
        (values.identifier, {"$numberDouble": "1.5"}),
        (values.identifier, {"$numberDecimal": "1E+6144"}),
        (values.identifier, {"$numberLong": "x"}),
        (values.identifier, {"$date": {"$numberLong": "1"}}),
        (values.number, {"$numberDouble": "Infinity"}),
        (values.number, {"$numberDecimal": "1E+6144"}),
        (values.number, {"$oid": "5aaa7a013d0b7f000b72492b"}),
        (values.number, "1" * 1_000_000 + "x"),
        (values.number, "1\u202f00"),
        (values.boolean, {"$numberInt": "2"}),
        (timestamps.day, {"$numberLong": "20241103"}),
        (values.identifier, {}),
        (values.identifier, ["1"]),
        (values.boolean, "maybe"),
        (values.boolean, 2),
        (values.boolean, []),
        (values.boolean, {}),
        (values.text, float("inf")),
        (values.number, "NaN"),
        (values.number, float("inf")),
        (values.number, 10**400),
        (values.number, True),
        (values.number, "1_000"),
        (values.number, "\u0661"),
        (timestamps.day, "18240101"),
        (values.number, "ten"),
        (values.number, "1,250"),
        (values.number, "12,250"),
        (values.number, "-1,250"),
        (values.number, "1,2,3"),
        (values.number, "1.2,3.4"),
        (values.number, "1,25,000"),
        (values.number, ","),
        (values.number, "1.5 hours"),
        (values.number, []),
        (values.integer, 1.5),
        (values.integer, 2**31),
        (values.integer, "NaN"),
        (values.integer, 10**30),
        (timestamps.day, "2024-02-30"),
        (timestamps.day, "0000-00-00"),
        (timestamps.day, 20240101),
        (timestamps.day, {}),
        (timestamps.instant, "0000-00-00 00:00:00"),
        (timestamps.instant, "2024-01-31"),
        (timestamps.instant, 1706715043),
    ],
)
def test_a_value_of_another_type_is_unreadable(read: Any, value: Any) -> None:
    with pytest.raises(Unreadable):
        read(value)


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (values.text, " as it came ", " as it came "),
        (values.text, 1.5, "1.5"),
        (values.text, {"a": 1}, '{"a":1}'),
        (values.text, "half \ud800 pair", "half \ufffd pair"),
        (values.text, "nul \0 é 🎪", "nul \0 é 🎪"),
        (values.identifier, " 21899 ", "21899"),
        (values.identifier, "\u00a021899\u202f", "21899"),
        (values.identifier, 21899.0, "21899"),
        (values.identifier, 1e3, "1000"),
        (values.identifier, -0.0, "0"),
        (values.identifier, 2.0**53 - 1, "9007199254740991"),
        (values.identifier, "21899.0", "21899.0"),
        (values.identifier, {"$numberLong": "5887391606"}, "5887391606"),
        (values.identifier, {"$numberLong": 5887391606}, "5887391606"),
        (values.identifier, {"$numberInt": "7"}, "7"),
        (values.identifier, {"$numberDouble": "21899.0"}, "21899"),
        (values.identifier, {"$numberDecimal": "21899"}, "21899"),
        (values.identifier, {"$numberDecimal": "2.1899E+4"}, "21899"),
        (values.identifier, {"$oid": "5aaa7a013d0b7f000b72492b"}, "5aaa7a013d0b7f000b72492b"),
        (values.identifier, {"$uuid": "3b241101-e2bb-4255-8caf-4136c566a962"}, "3b241101-e2bb-4255-8caf-4136c566a962"),
        (values.identifier, {"$symbol": " a "}, "a"),
        (values.identifier, {"$undefined": True}, None),
        (values.identifier, "\ufffd", "\ufffd"),
        (values.identifier, "\\d", "\\d"),
        (values.identifier, "\U0001f600", "\U0001f600"),
        (values.identifier, 21899, "21899"),
        (values.identifier, "007", "007"),
        (values.identifier, 10**30, "1" + "0" * 30),
        (values.boolean, True, True),
        (values.boolean, 1, True),
        (values.boolean, "1", True),
        (values.boolean, "true", True),
        (values.boolean, 0, False),
        (values.boolean, "0", False),
        (values.boolean, False, False),
        (values.number, "0.0", 0.0),
        (values.number, "1,5", 1.5),
        (values.number, "0,25", 0.25),
        (values.number, "0,125", 0.125),
        (values.number, ",5", 0.5),
        (values.number, "-1,5", -1.5),
        (values.number, "12,75", 12.75),
        (values.number, "1,2500", 1.25),
        (values.number, "1234,567", 1234.567),
        (values.number, "1.234,5", 1234.5),
        (values.number, "1,234.5", 1234.5),
        (values.number, "1,234,567", 1234567.0),
        (values.number, "1.234.567", 1234567.0),
        (values.number, "1 234,5", 1234.5),
        (values.number, "1.250", 1.25),
        (values.line, "  Hall \u00a0 A\t\nWest ", "Hall A West"),
        (values.line, "\u200bHall\ufeff", "Hall"),
        (values.line, "\u200b", None),
        (values.line, "Ball\u00adroom\u2060 A", "Ballroom A"),
        (values.line, "Zoë \ud800", "Zoë \ufffd"),
        (values.line, {"a": "x  y"}, '{"a":"x  y"}'),
        (values.line, 5, "5"),
        (values.number, 1, 1.0),
        (values.number, " 1.25 ", 1.25),
        (values.integer, "1170", 1170),
        (values.integer, "\u00a01170\u3000", 1170),
        (values.integer, "1\u202f170", 1170),
        (values.integer, {"$numberInt": "1170"}, 1170),
        (values.integer, {"$numberDouble": "1170.0"}, 1170),
        (values.number, "1\u00a0234\u2009567.5", 1234567.5),
        (values.number, {"$numberDecimal": "1.50"}, 1.5),
        (values.number, "0" * 10_000 + "1", 1.0),
        (values.boolean, {"$numberInt": "1"}, True),
        (values.boolean, {"$numberLong": "0"}, False),
        (values.boolean, 1.0, True),
        (values.boolean, "true\u202f", True),
        (values.text, {"$numberLong": "5887391606"}, "5887391606"),
        (values.text, {"$numberDecimal": "1.50"}, "1.50"),
        (values.text, {"$oid": "5aaa7a013d0b7f000b72492b"}, "5aaa7a013d0b7f000b72492b"),
        (values.text, {"$date": {"$numberLong": "1706715043000"}}, "2024-01-31 15:30:43+00:00"),
        (values.text, {"$date": "2024-01-31T15:30:43Z"}, "2024-01-31T15:30:43Z"),
        (values.text, {"$oid": 5}, '{"$oid":5}'),
        (values.json_text, {"$numberLong": "5"}, '{"$numberLong":"5"}'),
        (values.integer, 1170, 1170),
        (values.integer, "1170.0", 1170),
        (timestamps.day, "2024-11-03", date(2024, 11, 3)),
        (timestamps.instant, "2024-01-31 15:30:43", datetime(2024, 1, 31, 15, 30, 43, tzinfo=UTC)),
        (values.json_text, [{"track": "é", "desc": "\U0001f3aa \u2028"}], '[{"track":"é","desc":"\U0001f3aa \u2028"}]'),
        (values.json_text, "é \ud800 \\ \0", '"é \\ud800 \\\\ \\u0000"'),
        (values.json_text, [], "[]"),
        # One member that Python cannot say costs no other; 1e999 is JSON, Infinity is none.
        (values.json_text, {"a": [float("inf"), -float("inf"), float("nan"), 1]}, '{"a":[1e999,-1e999,null,1]}'),
        (values.text, {"a": [float("-inf")]}, '{"a":[-1e999]}'),
        (values.json_text, None, None),
    ],
)
def test_a_value_is_read(read: Any, value: Any, expected: Any) -> None:
    assert read(value) == expected
    assert type(read(value)) is type(expected)


def test_identifiers_that_differ_stay_apart() -> None:
    halves = ("\ud800", "\ud801", "\udfff", "\ud800\ud800", "a\ud800", "\\\ud800")
    texts = ("\ufffd", "\\ud800", "\\\\ud800", "\\\\\\ud800", "\\", "\\\\", "\\u", "\\\\u", "ud800", "\U0001f600")
    found = [values.identifier(text) for text in halves + texts]
    assert len(set(found)) == len(found)
    assert found[:3] == ["\\ud800", "\\ud801", "\\udfff"]
    assert found[len(halves) :][:2] == ["\ufffd", "\\\\ud800"]
    for identifier in found:
        assert identifier is not None
        assert identifier.encode()


@given(st.lists(st.text(st.sampled_from("\\u\ud800\ud801d80\ufffd"), min_size=1, max_size=6), min_size=2, max_size=2))
def test_no_two_identifiers_become_one(texts: list[str]) -> None:
    one, other = texts
    assert (values.identifier(one) == values.identifier(other)) == (one == other)


def test_no_value_takes_longer_than_in_proportion() -> None:
    # A look at all for each digit takes thousands.
    with at_most(100):
        for text in ("1" * 100_000 + "x", " " * 100_000 + "x", "1 000" * 20_000, "-" * 100_000, "\ud800" * 100_000):
            for read in READERS:
                with contextlib.suppress(Unreadable):
                    read(text)
