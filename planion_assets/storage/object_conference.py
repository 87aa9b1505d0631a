"""A conference in an object store to its reader: what its head tells costs one small object, however much is asked."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from planion_assets.keys import ConferenceKey
from planion_assets.storage import file_names
from planion_assets.storage.errors import NotStoredError, OtherSchemaError
from planion_assets.storage.head import Head
from planion_assets.storage.head_objects import FoundHead
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.object_files import ObjectFiles
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


class ListedTables:
    """The files of tables as one listing of each table tells them, made when it is first asked for."""

    def __init__(self, files: ObjectFiles) -> None:
        self._files = files
        self._names: dict[str, set[str]] = {}

    def has(self, table: str, key: ConferenceKey) -> bool:
        """Whether a conference's table was there. Raises OSError."""
        if table not in self._names:
            self._names[table] = set(self._files.list(file_names.table_folder(table)))
        return file_names.table_file(table, key) in self._names[table]


class ReadConference(KnownConference):
    """A conference whose head somebody else may be reading still; what that raised is raised where it is needed.

    Of conferences that were never refreshed no file is asked for: a request for each would take minutes for a thousand.
    """

    def __init__(
        self, store: "ObjectStore", key: ConferenceKey, found: "Future[FoundHead]", listed: ListedTables
    ) -> None:
        super().__init__(store, key)
        self._found = found
        self._listed = listed

    def footer(self, table: str) -> Footer:
        """What a table's file says of itself."""
        self._check(table)
        return super().footer(table)

    def min_max(self, table: str, columns: Sequence[str]) -> tuple[Footer, dict[str, tuple[datetime, datetime] | None]]:
        """The footer with the least and greatest value of timestamp columns."""
        self._check(table)
        return super().min_max(table, columns)

    def nulls(self, table: str, column: str) -> tuple[Footer, int]:
        """The footer with the number of rows that have no value in a column."""
        self._check(table)
        return super().nulls(table, column)

    def _check(self, table: str) -> None:
        if table not in self.head.tables and not self._listed.has(table, self.key):
            raise NotStoredError(self.store.absence(table, self.key))

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
