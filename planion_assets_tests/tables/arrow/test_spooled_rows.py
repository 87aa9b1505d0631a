"""Rows that wait until all are made: in the order of their key, whatever they came in, and few of them in memory."""

import tempfile
import weakref
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.tables.arrow import spooled_rows
from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.spooled_rows import Rows, grouped
from planion_assets.tables.model import IDENTIFIER, INT32, Column, TableSpec
from planion_assets_tests.tables.items import KEY, Item
from planion_assets_tests.tables.test_tables import DIRTY, TABLES

TABLE = TableSpec(
    name="t",
    description="",
    columns=(Column("name", IDENTIFIER, ""), Column("number", INT32, ""), Column("place", INT32, "")),
    key=("name", "number"),
    preview=(),
)
_Row = tuple[str | None, int | None]
_KEYS = st.tuples(
    st.none() | st.sampled_from(["", "a", "b", "é", "\U0001f600", "\uffff"]), st.none() | st.integers(0, 3)
)


def _piece(keys: list[_Row], start: int = 0) -> pa.Table:
    names, numbers = [name for name, _ in keys], [number for _, number in keys]
    places = list(range(start, start + len(keys)))
    columns: list[pa.Array[Any]] = [
        pa.array(names, pa.string()),
        pa.array(numbers, pa.int32()),
        pa.array(places, pa.int32()),
    ]
    return pa.Table.from_arrays(columns, schema=schema_of(TABLE))


def _added(pieces: list[list[_Row]]) -> Rows:
    rows, start = Rows(TABLE), 0
    for keys in pieces:
        rows.add(_piece(keys, start))
        start += len(keys)
    return rows


@pytest.fixture
def spooled(monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows are spooled, and sorted three at a time."""
    monkeypatch.setattr(spooled_rows, "_IN_MEMORY", 1)
    monkeypatch.setattr(spooled_rows, "_SORTED", 3)


@pytest.mark.parametrize("in_memory", [0, 100, 1 << 20], ids=["no row in memory", "a few", "all"])
@given(pieces=st.lists(st.lists(_KEYS, max_size=5), max_size=8))
def test_rows_come_back_in_the_order_of_their_key_and_equal_ones_as_they_came(
    in_memory: int, pieces: list[list[_Row]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spooled_rows, "_IN_MEMORY", in_memory)
        patch.setattr(spooled_rows, "_SORTED", 3)
        rows = _added(pieces)
        keys = [key for piece in pieces for key in piece]
        order = sorted(range(len(keys)), key=lambda place: _nulls_last(keys[place]))
        assert rows.num_rows == len(keys)
        assert rows.column("place") == order
        whole = pa.concat_tables(rows.pieces())
        assert whole.to_pylist() == [
            {"name": keys[place][0], "number": keys[place][1], "place": place} for place in order
        ]
        assert whole.schema.equals(schema_of(TABLE), check_metadata=True)


def _nulls_last(key: _Row) -> tuple[Any, ...]:
    return tuple((value is None, value) for value in key)


@pytest.mark.usefixtures("spooled")
def test_tables_whose_rows_were_spooled_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [*DIRTY, *({**DIRTY[-1], "schedid": str(n), "pid": n % 3} for n in range(20))]
    items = [Item(content) for content in contents]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spooled_rows, "_IN_MEMORY", 1 << 20)
        patch.setattr(spooled_rows, "_SORTED", 1 << 20)
        builder = Builder(KEY, items, together=TABLES)
        wholes = {table.name: builder.build(table).data for table in TABLES}
    monkeypatch.setattr("planion_assets.tables.arrow.builder._PIECE", 2)
    monkeypatch.setattr("planion_assets.tables.arrow.builder._PART", 4)
    monkeypatch.setattr("planion_assets.tables.arrow.builder._PART_BYTES", 1)
    builder = Builder(KEY, items, together=TABLES)
    for table in TABLES:
        whole = wholes[table.name]
        assert builder.build(table).data.equals(whole), table.name
        pieces, _ = builder.pieces(table)
        assert pa.concat_tables(pieces).equals(whole), table.name
        assert builder.is_large(table) or not table.records or not whole.num_rows, table.name


@pytest.mark.usefixtures("spooled")
@pytest.mark.parametrize("descending", [False, True])
def test_few_rows_are_in_memory_at_a_time(*, descending: bool) -> None:
    rows, seen = Rows(TABLE), list[weakref.ref[pa.Table]]()

    def alive(piece: pa.Table) -> int:
        seen.append(weakref.ref(piece))
        return sum(reference() is not None for reference in seen)

    for number in reversed(range(50)) if descending else range(50):
        piece = _piece([(f"{number:03}", number)])
        assert alive(piece) <= 2
        rows.add(piece)
    assert rows.is_large
    for piece in rows.pieces():
        assert alive(piece) <= 2
    assert rows.column("number") == list(range(50))


def test_in_order_or_not_few_rows_stay_in_memory_and_make_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", refuse)
    rows = _added([[("b", 1)], [("a", 1)]])
    assert rows.column("name") == ["a", "b"]
    assert not rows.is_large


def test_without_room_for_spooled_rows_the_reason_names_the_folder(
    spooled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(OSError, match="gone"):
        _added([[("a", 1)]])


def test_groups_have_as_many_rows_and_bytes_as_asked_for_or_a_few_more_and_no_rows_are_one_empty_group() -> None:
    def sizes(*pieces: int, size: int = 0) -> list[int]:
        return [group.num_rows for group in grouped((_piece([("a", 1)] * rows) for rows in pieces), 4, size)]

    assert sizes(1, 2, 3, 4, 0, 9, 1, 0) == [6, 4, 9, 1]
    assert sizes(4, 0) == [4]
    assert sizes(0, 0) == sizes(0) == [0]
    assert sizes(4, 4, 4, size=_piece([("a", 1)] * 5).nbytes) == [8, 4]


@pytest.mark.parametrize("cached", [0, 50_000])
def test_a_column_that_was_read_has_the_rows_that_are_added_after_it(
    monkeypatch: pytest.MonkeyPatch, cached: int
) -> None:
    monkeypatch.setattr(spooled_rows, "_CACHED", cached)
    rows = _added([[("b", 1)]])
    assert rows.column("name") == ["b"]
    rows.add(_piece([("a", 2)]))
    assert [rows.column("name") for _ in range(2)] == [["a", "b"]] * 2
    assert rows.column("number") == [2, 1]
