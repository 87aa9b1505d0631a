"""A conference in an object store to its reader: what its head tells costs one small object, however much is asked."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from planion_assets.keys import ConferenceKey
from planion_assets.storage.errors import OtherSchemaError
from planion_assets.storage.head import Head
from planion_assets.storage.head_objects import FoundHead
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.parquet_file import Footer
from planion_assets.storage.writer import StoredConference

if TYPE_CHECKING:
    from planion_assets.storage.object_store import ObjectStore

_Found = TypeVar("_Found")


class KnownConference(StoredConference, ABC):
    """A conference by its head. Of a table that the head does not know the file itself is read."""

    @property
    @abstractmethod
    def head(self) -> Head:
        """What is known of the conference. Raises OSError, and `StoreError` where newer code wrote it."""

    def last_read(self) -> LastRead:
        """What came of the last attempts to read it."""
        return self.head.last_read

    def footer(self, table: str) -> Footer:
        """What a table's file says of itself."""
        known = self.head.tables.get(table)
        return known.footer if known else super().footer(table)

    def min_max(self, table: str, columns: Sequence[str]) -> tuple[Footer, dict[str, tuple[datetime, datetime] | None]]:
        """The footer with the least and greatest value of timestamp columns."""
        known = self.head.tables.get(table)
        if known is None:
            return super().min_max(table, columns)
        return known.footer, {name: _told(known.min_max, name, known.footer) for name in columns}

    def nulls(self, table: str, column: str) -> tuple[Footer, int]:
        """The footer with the number of rows that have no value in a column."""
        known = self.head.tables.get(table)
        if known is None:
            return super().nulls(table, column)
        return known.footer, _told(known.nulls, column, known.footer)


class ReadConference(KnownConference):
    """A conference whose head somebody else may be reading still; what that raised is raised where it is needed."""

    def __init__(self, store: "ObjectStore", key: ConferenceKey, found: "Future[FoundHead]") -> None:
        super().__init__(store, key)
        self._found = found

    @property
    def head(self) -> Head:
        """What is known of the conference."""
        return self._found.result().head


def _told(statistics: Mapping[str, _Found], column: str, footer: Footer) -> _Found:
    if column not in statistics:
        raise OtherSchemaError(
            f"{footer.address} has no statistics of column '{column}', it was made by other code: materialize it again"
        )
    return statistics[column]
