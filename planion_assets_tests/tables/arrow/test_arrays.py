"""Arrays made without pandas are those that pyarrow makes of the same values."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.tables.arrow import arrays
from planion_assets.tables.arrow.arrays import empty_table, make_array, repeated, values_of

_BITS_32, _BITS_64 = (st.integers(-(2**bits), 2**bits - 1) for bits in (31, 63))
_VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): st.text(st.characters(exclude_categories=["Cs"])),
    pa.bool_(): st.booleans(),
    pa.int32(): _BITS_32,
    pa.int64(): _BITS_64,
    pa.float64(): st.floats(allow_nan=False) | _BITS_32,
    pa.date32(): st.dates(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("us", tz="UTC"): st.datetimes() | st.datetimes(timezones=st.just(timezone(timedelta(hours=-5)))),
}
_KINDS = pytest.mark.parametrize("kind", _VALUES, ids=str)


@_KINDS
@given(data=st.data())
def test_an_array_is_the_one_that_pyarrow_makes(kind: pa.DataType, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | _VALUES[kind], max_size=40))
    array = make_array(values, kind)
    array.validate(full=True)
    assert array.type == kind
    assert array.null_count == values.count(None)
    expected: Any = pa.array(values, kind)
    assert array.equals(expected)
    # Zones have other names, values are the same.
    assert values_of(pa.chunked_array([array])) == expected.to_pylist()


@_KINDS
def test_values_of_one_kind_alone_and_many_of_them(kind: pa.DataType) -> None:
    some: dict[pa.DataType, Any] = {
        pa.string(): "é",
        pa.bool_(): True,
        pa.date32(): date(1, 1, 1),
        pa.timestamp("us"): datetime(9999, 12, 31, 23, 59, 59, 999999),  # noqa: DTZ001 - a type without a zone
        pa.timestamp("us", tz="UTC"): datetime(1, 1, 1, tzinfo=UTC),
    }
    value = some.get(kind, -7)
    for values in ([None] * 1000, [value] * 1000, [None, value] * 500):
        expected: Any = pa.array(values, kind)
        assert make_array(values, kind).equals(expected)


@pytest.mark.parametrize(
    ("value", "kind", "refusal"),
    [
        (2**31, pa.int32(), ValueError),
        (-(2**63) - 1, pa.int64(), ValueError),
        ("\ud800", pa.string(), UnicodeEncodeError),
        (1, pa.string(), TypeError),
        ("1", pa.int32(), TypeError),
        (1.5, pa.int32(), TypeError),
        ("1", pa.float64(), TypeError),
        (1, pa.float32(), KeyError),
        (float("nan"), pa.string(), TypeError),
        (b"\xff", pa.string(), TypeError),
        ("yes", pa.bool_(), TypeError),
        (1, pa.bool_(), TypeError),
        (True, pa.int32(), TypeError),
        (True, pa.float64(), TypeError),
        (1, pa.date32(), TypeError),
        (datetime(2036, 1, 1, tzinfo=UTC), pa.date32(), TypeError),
        (date(2036, 1, 1), pa.timestamp("us"), TypeError),
    ],
)
def test_what_a_type_cannot_hold_is_refused(value: Any, kind: pa.DataType, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        make_array([None, value], kind)


def test_text_beyond_what_its_offsets_can_say_is_refused_and_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "_OFFSETS", "b")  # 127 bytes in place of two gibibytes
    for values in (["a" * 128], ["a" * 64, None, "é" * 32]):
        with pytest.raises(ValueError, match="no string can hold it"):
            make_array(values, pa.string())


def test_text_repeated_and_a_table_without_rows() -> None:
    assert repeated("é", 3).to_pylist() == ["é", "é", "é"]
    assert repeated("é", 0).to_pylist() == []
    schema = pa.schema([pa.field("a", pa.string(), metadata={"b": "c"})], metadata={"d": "e"})
    assert empty_table(schema).schema.equals(schema, check_metadata=True)
    assert empty_table(schema).num_rows == 0
