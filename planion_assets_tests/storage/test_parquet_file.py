"""What is written into one Parquet file."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from planion_assets.storage.parquet_file import Pieces


@pytest.mark.parametrize("in_pieces", [False, True])
def test_what_is_small_is_not_compressed(in_pieces: bool) -> None:
    table = pa.table(
        {"flag": pa.array([True, None] * 500), "text": pa.array([f"a session's title {n}" for n in range(1000)])}
    )
    file = io.BytesIO()
    Pieces(table.schema, iter([table]) if in_pieces else [table]).write(file)
    group = pq.read_metadata(file).row_group(0)
    assert [group.column(place).compression for place in (0, 1)] == ["ZSTD" if in_pieces else "UNCOMPRESSED", "ZSTD"]
    assert pq.read_table(file).equals(table)
