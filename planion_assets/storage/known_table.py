"""A Parquet file that is built for an object store, with its entry in the head of the conference."""

import contextlib
import tempfile
from dataclasses import dataclass, field, replace
from io import IOBase
from typing import IO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.storage.head import KnownTable
from planion_assets.storage.object_files import Tag
from planion_assets.storage.parquet_file import OpenFile, Pieces, digest_of_schema
from planion_assets.storage.parquet_statistics import MinMax, min_max, null_count

_IN_MEMORY = 1 << 20  # bytes of a file above which it is on the disk until it is written to the object store


@dataclass(frozen=True, slots=True)
class StagedTable:
    """A file in memory or in a temporary file without a name, with its entry in the head, which has no tag yet."""

    known: KnownTable
    file: IO[bytes] = field(repr=False)

    def content(self) -> bytes:
        """The whole file."""
        self.file.seek(0)
        return self.file.read()


def stage_table(pieces: Pieces, address: str) -> StagedTable:
    """Write a Parquet file; `address` is that of its place. Raises OSError where the disk refuses."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when nobody needs it
    pieces.write(file)
    source = pa.PythonFile(cast("IOBase", file), "r")
    with pq.ParquetFile(source) as opened:
        return StagedTable(_known(OpenFile(address, source, opened)), file)


def known_content(content: bytes, address: str, tag: Tag) -> KnownTable:
    """The entry in the head of a Parquet file that is in its place. Raises Arrow's errors where it is no such file."""
    source = pa.BufferReader(content)
    with pq.ParquetFile(source) as opened:
        return replace(_known(OpenFile(address, source, opened)), tag=tag)


def _known(file: OpenFile) -> KnownTable:
    metadata, schema = file.parquet.metadata, file.schema
    ranges: dict[str, MinMax] = {}
    nulls: dict[str, int] = {}
    for name in schema.names:
        with contextlib.suppress(KeyError):
            ranges[name] = min_max(metadata, schema, name)
        with contextlib.suppress(KeyError):
            nulls[name] = null_count(metadata, schema, name)
    footer = replace(file.footer, schema=None, schema_digest=digest_of_schema(schema))
    return KnownTable(Tag(None), footer, ranges, nulls)
