"""A column is read as if each record were read for itself, however often its values come."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.tables.arrow.arrays import at_places, make_array
from planion_assets.tables.arrow.columns import read_columns
from planion_assets.tables.arrow.schemas import TYPES
from planion_assets.tables.fields.values import Unreadable
from planion_assets.tables.model import BOOLEAN, FLOAT64, IDENTIFIER, JSON, TEXT, Column, Zones

_ZONES = Zones()
_CELLS: st.SearchStrategy[Any] = st.sampled_from(
    ["", " ", "1", "0", "1.5", "x", "a  b", None, 1, 0, True, False, 1.0, -0.0, 0.0, 10**30, [], [1], {}]
)


def _derived(_: Zones, a: Any, b: Any = None) -> str:
    if a == "x":
        raise Unreadable("x")
    return repr([a, b])


_COLUMNS = (
    *(Column(kind.arrow, kind, "", ("a",)) for kind in (TEXT, BOOLEAN, FLOAT64)),
    Column("identifier", IDENTIFIER, "", ("b",)),
    Column("json", JSON, "", ("b",)),
    Column("several", FLOAT64, "", ("a", "b", "c")),
    Column("derived", TEXT, "", ("a", "b"), derive=_derived),
    Column("derived of one", TEXT, "", ("a",), derive=_derived),
)


def _read(columns: Any, records: Any) -> list[tuple[list[Any], list[Any]]]:
    found = []
    for column, read in zip(columns, read_columns(columns, records, _ZONES), strict=True):
        array = at_places(make_array(read.values, TYPES[column.kind.arrow]), read.places)
        found.append(([repr(value) for value in array.to_pylist()], list(read.unreadable)))
    return found


@given(st.lists(st.dictionaries(st.sampled_from("abc"), _CELLS), max_size=12))
def test_many_records_are_read_as_each_of_them_is(records: list[dict[str, Any]]) -> None:
    single = [_read(_COLUMNS, [record]) for record in records]
    for place, (values, unreadable) in enumerate(_read(_COLUMNS, records)):
        assert values == [value for one in single for value in one[place][0]]
        assert repr(unreadable) == repr([bad for one in single for bad in one[place][1]])


@pytest.mark.parametrize("value", ["x", " ", "", None, 1, True, 1.0, [1]])
def test_a_member_that_is_always_the_same_is_read_once_for_all(value: Any) -> None:
    records = [{"a": value, "b": value, "c": value}] * 300
    assert [values for values, _ in _read(_COLUMNS, records)] == [
        values * 300 for values, _ in _read(_COLUMNS, records[:1])
    ]
    assert [len(bad) for _, bad in _read(_COLUMNS, records)] == [
        300 * len(bad) for _, bad in _read(_COLUMNS, records[:1])
    ]


def test_what_equals_but_is_not_the_same_stays_apart() -> None:
    column = Column("a", JSON, "", ("a",))
    values = [1, True, 1.0, "1", 0, False, -0.0, 0.0, None]
    ((found, _),) = _read([column], [{"a": value} for value in values])
    assert found == [repr(text) for text in ["1", "true", "1.0", '"1"', "0", "false", "-0.0", "0.0"]] + ["None"]
    ((found, _),) = _read([column], [{"a": value} for value in [1, True, 0, False, "1", None]])
    assert found == [repr(text) for text in ["1", "true", "0", "false", '"1"']] + ["None"]


def test_records_that_lack_members_of_the_first_one_are_read_too() -> None:
    columns = [Column(name, TEXT, "", (name,)) for name in "abc"]
    records: list[dict[str, Any]] = [{"a": "1", "b": "2", "c": "3"}, {"c": "4"}, {}, {"a": "5", "b": "6"}]
    found = [values for values, _ in _read(columns, records)]
    assert found == [["'1'", "None", "None", "'5'"], ["'2'", "None", "None", "'6'"], ["'3'", "'4'", "None", "None"]]
