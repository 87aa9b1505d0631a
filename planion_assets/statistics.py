"""What a Parquet footer tells of a column's values without reading them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq


def extremes(file: pq.ParquetFile, column: str) -> tuple[datetime, datetime] | None:
    """The least and the greatest value of a column of timestamps in microseconds, None where it has none.

    Raises KeyError where the footer does not tell.
    """
    index = file.schema_arrow.get_field_index(column)  # that of the chunk too: no column is nested
    if index < 0:
        raise KeyError(column)
    kind = file.schema_arrow.field(index).type
    if not isinstance(kind, pa.TimestampType) or kind.unit != "us":
        raise KeyError(column)
    found = list(_raw_extremes(file, index, column))
    if not found:
        return None
    epoch = datetime(1970, 1, 1, tzinfo=UTC if kind.tz else None)
    return epoch + timedelta(microseconds=min(found)), epoch + timedelta(microseconds=max(found))


def _raw_extremes(file: pq.ParquetFile, index: int, column: str) -> Iterator[int]:
    """Least and greatest of each row group as they are stored: as Python's own values Arrow imports pandas for them."""
    groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
    for group in (group for group in groups if group.num_rows):
        statistics = group.column(index).statistics
        least, greatest = (statistics.min_raw, statistics.max_raw) if statistics is not None else (None, None)
        if least is not None and greatest is not None:
            yield from (least, greatest)
        elif statistics is None or statistics.null_count != group.num_rows:
            raise KeyError(column)
