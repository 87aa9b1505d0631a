"""The readers that run in this process: each reads all conferences of a table at once, as the documents show it.

What each calls the stored types is here too. Spark, which runs in a process of its own, is in test_spark.py.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

from planion_assets_tests.readers.answer import KINDS, Answer, answer

GLOB = "*/*.parquet"
ELSEWHERE = "America/St_Johns"  # a session's zone that is neither UTC nor a whole number of hours from it

Names = Mapping[str, str]
_PYARROW: Names = {str(stored): kind for stored, kind in KINDS.items()}
_PANDAS: Names = {str(pd.ArrowDtype(stored)): kind for stored, kind in KINDS.items()}
_POLARS: Names = {
    "String": "text",
    "Boolean": "boolean",
    "Int32": "whole number",
    "Float64": "number",
    "Date": "date",
    "Datetime(time_unit='us', time_zone=None)": "local time",
    "Datetime(time_unit='us', time_zone='UTC')": "instant",
}
_DUCKDB: Names = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "INTEGER": "whole number",
    "DOUBLE": "number",
    "DATE": "date",
    "TIMESTAMP": "local time",
    "TIMESTAMP WITH TIME ZONE": "instant",
}
SPARK: Names = {
    "string": "text",
    "boolean": "boolean",
    "int": "whole number",
    "double": "number",
    "date": "date",
    "timestamp_ntz": "local time",
    "timestamp": "instant",
}


def kinds(columns: Iterable[str], types: Iterable[object], names: Names) -> dict[str, str]:
    """What each column is, by the reader's own names of types; a type without a name in `names` is its own kind."""
    return {column: names.get(str(kind), str(kind)) for column, kind in zip(columns, types, strict=True)}


def read_files(data: pa.Table) -> Answer:
    """The answer to compare with: the rows of the files, read one by one with pyarrow."""
    return answer(kinds(data.column_names, data.schema.types, _PYARROW), data)


def _pyarrow_dataset(folder: Path) -> Answer:
    return read_files(ds.dataset(folder).to_table())


def _pandas(folder: Path) -> Answer:
    return read_pandas(pd.read_parquet(folder, dtype_backend="pyarrow"))


def read_pandas(frame: pd.DataFrame) -> Answer:
    """The answer that a data frame is."""
    return answer(kinds(frame.columns, frame.dtypes, _PANDAS), pa.Table.from_pandas(frame, preserve_index=False))


def _polars(folder: Path) -> Answer:
    return read_polars(pl.scan_parquet(folder / GLOB).collect())


def read_polars(frame: pl.DataFrame) -> Answer:
    """The answer that a data frame of Polars is."""
    types = [repr(kind) for kind in frame.dtypes]
    return answer(kinds(frame.columns, types, _POLARS), frame.to_arrow())


def _duckdb(folder: Path) -> Answer:
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = '{ELSEWHERE}'")
        return read_duckdb(connection.sql(f"SELECT * FROM '{folder}/{GLOB}'"))  # noqa: S608 - a path of this test


def read_duckdb(relation: duckdb.DuckDBPyRelation) -> Answer:
    """The answer that a relation is."""
    return answer(kinds(relation.columns, relation.types, _DUCKDB), relation.to_arrow_table())


READERS: Mapping[str, Callable[[Path], Answer]] = {
    "pandas": _pandas,
    "pyarrow dataset": _pyarrow_dataset,
    "duckdb": _duckdb,
    "polars": _polars,
}
"""Reader by name: from the folder of a table to its answer."""
