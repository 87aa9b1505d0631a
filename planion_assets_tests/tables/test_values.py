"""One value of the feed as a type."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from planion_assets.tables import values
from planion_assets.tables.values import Unreadable

READERS = [
    values.text,
    values.identifier,
    values.boolean,
    values.number,
    values.integer,
    values.day,
    values.instant,
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
        (values.day, "20240101"),
        (values.number, "ten"),
        (values.number, []),
        (values.integer, 1.5),
        (values.integer, 2**31),
        (values.integer, "NaN"),
        (values.integer, 10**30),
        (values.day, "2024-02-30"),
        (values.day, "0000-00-00"),
        (values.day, 20240101),
        (values.day, {}),
        (values.instant, "0000-00-00 00:00:00"),
        (values.instant, "2024-01-31"),
        (values.instant, 1706715043),
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
        (values.number, 1, 1.0),
        (values.number, " 1.25 ", 1.25),
        (values.integer, "1170", 1170),
        (values.integer, 1170, 1170),
        (values.integer, "1170.0", 1170),
        (values.day, "2024-11-03", date(2024, 11, 3)),
        (values.instant, "2024-01-31 15:30:43", datetime(2024, 1, 31, 15, 30, 43, tzinfo=UTC)),
        (values.json_text, [{"track": "é"}], '[{"track":"\\u00e9"}]'),
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
