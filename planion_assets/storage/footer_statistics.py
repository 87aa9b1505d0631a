"""What the footer of a stored file tells of its columns, after the file is closed.

What Parquet's own metadata means is in `planion_assets.storage.parquet_statistics`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.storage.errors import OtherSchemaError
from planion_assets.storage.parquet_file import Footer, OpenFile, as_store_errors
from planion_assets.storage.parquet_statistics import min_max, null_count


@dataclass(frozen=True, slots=True)
class FooterStatistics:
    """The footer of a file, with the statistics of its columns; each method raises `OtherSchemaError` without those."""

    footer: Footer
    _metadata: pq.FileMetaData = field(repr=False)
    _schema: pa.Schema = field(repr=False)

    @classmethod
    def of(cls, file: OpenFile) -> "FooterStatistics":
        """Those of a file that is open."""
        return cls(file.footer, file.parquet.metadata, file.parquet.schema_arrow)

    def min_max(self, columns: Sequence[str]) -> dict[str, tuple[datetime, datetime] | None]:
        """The least and greatest value of columns of timestamps or dates, None for one without any."""
        try:
            with as_store_errors(self.footer.address):
                return {name: min_max(self._metadata, self._schema, name) for name in columns}
        except KeyError as error:
            raise self._missing(error) from None

    def nulls(self, column: str) -> int:
        """How many rows have no value in a column."""
        try:
            with as_store_errors(self.footer.address):
                return null_count(self._metadata, self._schema, column)
        except KeyError as error:
            raise self._missing(error) from None

    def _missing(self, column: KeyError) -> OtherSchemaError:
        return OtherSchemaError(
            f"{self.footer.address} has no statistics of column {column}, it was made by other code: materialize it "
            "again"
        )
