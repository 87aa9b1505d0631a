"""A Parquet file that is built for an object store, with its entry in the head of the conference."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from io import IOBase
from typing import IO, TypeVar, cast

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.storage.head import KnownTable
from planion_assets.storage.object_files import Tag
from planion_assets.storage.parquet_file import OpenFile, Pieces, digest_of_schema
from planion_assets.storage.parquet_statistics import min_max, null_count

_IN_MEMORY = 1 << 20  # bytes of a file above which it is on the disk until it is put
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class StagedTable:
    """A file that is whole, in memory or in a temporary file without a name, and what is known of it but its tag."""

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
    """What the head is to say of a Parquet file that lies in its place. Raises Arrow's errors for one that is none."""
    source = pa.BufferReader(content)
    with pq.ParquetFile(source) as opened:
        return replace(_known(OpenFile(address, source, opened)), tag=tag)


def _known(file: OpenFile) -> KnownTable:
    footer, metadata, schema = file.footer, file.parquet.metadata, file.schema
    times = [one.name for one in schema if pa.types.is_timestamp(one.type) or pa.types.is_date32(one.type)]
    return KnownTable(
        Tag(None),
        replace(footer, schema=None, schema_digest=digest_of_schema(schema)),
        dict(_available(times, partial(min_max, metadata, schema))),
        dict(_available(schema.names, partial(null_count, metadata, schema))),
    )


def _available(columns: Sequence[str], ask: Callable[[str], _Found]) -> Iterator[tuple[str, _Found]]:
    """By column what the footer says of those of which it says anything."""
    for name in columns:
        try:
            yield name, ask(name)
        except KeyError:
            continue
