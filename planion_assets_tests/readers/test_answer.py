"""The comparison of answers sees what readers are known to do to values."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.readers.answer import answer, comparable, differences
from planion_assets_tests.readers.awkward import KEYS, VALUES, awkward
from planion_assets_tests.readers.readers import read_duckdb, read_files, read_pandas

DATA = awkward(KEYS[0])


def _with(name: str, change: Callable[[Any], Any]) -> pa.Table:
    return DATA.set_column(DATA.column_names.index(name), name, change(DATA[name]))


def _later(column: Any) -> Any:
    """The instants moved by an hour, but for the last of the calendar, which cannot be."""
    last = VALUES[column.type][5]
    return pa.array(
        [value if value in (None, last) else value + timedelta(hours=1) for value in column.to_pylist()], column.type
    )


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (_with("conference", lambda column: column.cast(pa.int64())), "conference: int64, not text"),
        (_with("text", lambda column: column.fill_null("")), "text: 0 nulls, not 1"),
        (_with("number", lambda column: column.fill_null(float("nan"))), "number: 0 nulls, not 7"),
        (_with("number", lambda column: pc.add(column, 0.0)), "number: 1 values differ"),
        (_with("whole_number", lambda column: column.cast(pa.float64())), "whole_number: number, not whole number"),
        (_with("instant", _later), "instant: 6 values differ"),
        (_with("local_time", lambda column: column.cast(pa.timestamp("us", tz="UTC"))), "local_time: instant, not"),
        (_with("date", lambda column: column.cast(pa.timestamp("us"))), "date: local time, not date"),
        (_with("text", lambda column: pc.replace_substring(column, "\0", "")), "text: 1 values differ"),
        (DATA.slice(1), "11 rows, not 12"),
        (DATA.drop_columns(["text"]), "the columns are account, conference, boolean"),
    ],
)  # fmt: skip
def test_a_changed_value_is_seen(changed: pa.Table, line: str) -> None:
    found = differences(read_files(DATA), read_files(changed))
    assert any(difference.startswith(line) for difference in found), found


def test_values_are_compared_even_where_the_types_are_called_right() -> None:
    expected = read_files(DATA)
    guessed = _with("conference", lambda column: column.cast(pa.int64()))
    assert differences(expected, answer(expected.kinds, guessed)) == ["conference: values come as int64, not string"]


def test_a_reader_that_guesses_from_folder_names_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "account=AAA" / "conference=2018"
    folder.mkdir(parents=True)
    pq.write_table(DATA.drop_columns(["account", "conference"]), folder / "part.parquet")
    with duckdb.connect() as connection:
        guessed = connection.sql(
            f"SELECT account, conference, * EXCLUDE (account, conference) FROM '{tmp_path}/*/*/*.parquet'"  # noqa: S608
        )
        assert differences(read_files(DATA), read_duckdb(guessed)) == ["conference: BIGINT, not text"]


def test_pandas_without_arrow_types_is_seen(tmp_path: Path) -> None:
    pq.write_table(DATA, tmp_path / "part.parquet")
    found = differences(read_files(DATA), read_pandas(pd.read_parquet(tmp_path)))
    assert "whole_number: float64, not whole number" in found


def test_what_readers_may_choose_freely_is_no_difference() -> None:
    in_other_zone = _with("instant", lambda column: column.cast(pa.timestamp("us", tz="America/Chicago")))
    views = [pa.string_view() if kind == pa.string() else kind for kind in DATA.schema.types]
    names, kinds = DATA.column_names, read_files(DATA).kinds
    for same in (
        DATA.take(list(reversed(range(12)))),
        in_other_zone,
        DATA.cast(pa.schema(list(zip(names, views, strict=True)))),
    ):
        assert differences(read_files(DATA), answer(kinds, same)) == []


def test_instants_are_microseconds_since_1970_and_dates_are_days() -> None:
    assert comparable(DATA["instant"])[1:8].to_pylist() == [
        -62_135_596_800_000_000,
        -12_219_681_600_000_000,
        -2_717_647_763_999_999,
        -1,
        253_402_300_799_999_999,
        1_730_615_400_000_000,
        1_730_619_000_000_000,
    ]
    assert comparable(DATA["date"])[1:7].to_pylist() == [-719_162, -141_438, -141_432, -1, 19_782, 2_932_896]


def test_each_stored_type_has_awkward_values() -> None:
    stored = {kind for table in TABLES for kind in schema_of(table).types}
    assert stored <= set(VALUES)
    assert all(values[0] is None and len(values) > 2 for values in VALUES.values())
