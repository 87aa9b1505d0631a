"""What a Parquet footer tells of a column's values without reading them."""

from datetime import datetime

import pyarrow.parquet as pq


def maximum(file: pq.ParquetFile, column: str) -> datetime | None:
    """The greatest value of a column of timestamps, None where it has none; KeyError where the footer does not tell."""
    index = file.schema_arrow.get_field_index(column)  # that of the chunk too: no column is nested
    if index < 0:
        raise KeyError(column)
    found: list[datetime] = []
    groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
    for group in (group for group in groups if group.num_rows):
        statistics = group.column(index).statistics
        if statistics is not None and statistics.has_min_max and isinstance(statistics.max, datetime):
            found.append(statistics.max)
        elif statistics is None or statistics.null_count != group.num_rows:
            raise KeyError(column)
    return max(found, default=None)
