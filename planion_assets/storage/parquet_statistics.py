"""What a Parquet footer says of a column's values without reading them.

Each function takes the file's metadata and its Arrow schema, which takes long to make where there are many columns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.storage.errors import OtherSchemaError
from planion_assets.storage.parquet_file import Footer, OpenFile, as_store_errors

_Found = TypeVar("_Found")
MinMax = tuple[datetime, datetime] | None
"""The least and the greatest value of a column, None where it has none."""
# What the metadata itself says of it (`metadata.schema`) would make a cycle of it, which is freed when garbage is
# looked for: a quarter of a mebibyte for each file that a refresh looks at.
_PHYSICAL = {pa.timestamp("us").id: "INT64", pa.date32().id: "INT32", pa.string().id: "BYTE_ARRAY"}
"""The type of a column's pages by Arrow's type, of those that are asked for."""


@dataclass(frozen=True, slots=True)
class FooterStatistics:
    """The footer of a stored file, with its statistics of columns; raises `OtherSchemaError` where it has none."""

    footer: Footer
    _min_max: Callable[[str], MinMax] = field(repr=False)
    _nulls: Callable[[str], int] = field(repr=False)

    @classmethod
    def of(cls, file: OpenFile) -> "FooterStatistics":
        """Those of a file that is open, also after it is closed."""
        given = file.parquet.metadata, file.schema
        return cls(file.footer, partial(min_max, *given), partial(null_count, *given))

    def min_max(self, columns: Sequence[str]) -> dict[str, MinMax]:
        """The least and greatest value of columns of timestamps or dates."""
        return {name: self._ask(self._min_max, name) for name in columns}

    def nulls(self, column: str) -> int:
        """How many rows have no value in a column."""
        return self._ask(self._nulls, column)

    def _ask(self, ask: Callable[[str], _Found], column: str) -> _Found:
        try:
            with as_store_errors(self.footer.address):
                return ask(column)
        except KeyError:
            raise OtherSchemaError(
                f"{self.footer.address} has no statistics of column '{column}', it was made by other code: "
                "materialize it again"
            ) from None


def min_max(metadata: pq.FileMetaData, schema: pa.Schema, column: str) -> MinMax:
    """The least and the greatest value of a column of dates or of timestamps in microseconds.

    A date is the midnight that it begins with, without a zone. Raises KeyError where the footer does not say.
    """
    kind = schema.field(column).type
    if kind == pa.date32():
        unit, zone = timedelta(days=1), None
    elif isinstance(kind, pa.TimestampType) and kind.unit == "us":
        unit, zone = timedelta(microseconds=1), UTC if kind.tz else None
    else:
        raise KeyError(column)
    found: list[int] = []
    for statistics, rows in _statistics(metadata, schema, column):
        # Raw, as they are stored: to give them as Python's own values Arrow imports pandas.
        if statistics is not None and statistics.min_raw is not None and statistics.max_raw is not None:
            found += (statistics.min_raw, statistics.max_raw)
        elif statistics is None or statistics.null_count != rows:
            raise KeyError(column)
    epoch = datetime(1970, 1, 1, tzinfo=zone)
    return (epoch + min(found) * unit, epoch + max(found) * unit) if found else None


def null_count(metadata: pq.FileMetaData, schema: pa.Schema, column: str) -> int:
    """How many rows have no value in a column. Raises KeyError where the footer does not say."""
    total = 0
    for statistics, _ in _statistics(metadata, schema, column):
        count = statistics.null_count if statistics else None
        if count is None:
            raise KeyError(column)
        total += count
    return total


def _statistics(metadata: pq.FileMetaData, schema: pa.Schema, column: str) -> list[tuple[pq.Statistics | None, int]]:
    """What each row group that has rows says of a column, and how many rows it has. Raises KeyError."""
    index = schema.get_field_index(column)  # that of the chunk too: no column is nested
    if index < 0:
        raise KeyError(column)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    chunks = [(group.column(index), group.num_rows) for group in groups if group.num_rows]
    # Of a damaged footer: Arrow ends the process where statistics are of another type than their column.
    if any(chunk.physical_type != _PHYSICAL.get(schema.field(index).type.id) for chunk, _ in chunks):
        raise KeyError(column)
    return [(chunk.statistics, rows) for chunk, rows in chunks]
