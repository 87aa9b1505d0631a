"""What is stored of one conference in an object store, to be read: its head, one small object, answers most of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING

from planion_assets.keys import ConferenceKey
from planion_assets.storage import file_names
from planion_assets.storage.errors import NotStoredError
from planion_assets.storage.head import Head
from planion_assets.storage.head_objects import FoundHead
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.parquet_statistics import FooterStatistics
from planion_assets.storage.writer import StoredConference

if TYPE_CHECKING:
    from planion_assets.storage.object_store import ObjectStore


class KnownConference(StoredConference, ABC):
    """A conference by its head. Of a table that the head does not know the file itself is read."""

    @property
    @abstractmethod
    def head(self) -> Head:
        """What is known of the conference. Raises OSError, and `StoreError` where newer code wrote it."""

    def last_read(self) -> LastRead:
        return self.head.last_read

    def statistics(self, table: str) -> FooterStatistics:
        known = self.head.tables.get(table)
        if known is None:
            return super().statistics(table)
        return FooterStatistics(known.footer, known.min_max.__getitem__, known.nulls.__getitem__)


class ReadConference(KnownConference):
    """A conference whose head somebody else may be reading still; what that raised is raised where it is needed.

    Of conferences that were never refreshed no file is asked for: a request for each would take minutes for a thousand.
    `listed` gives the names of all files of a table.
    """

    def __init__(
        self,
        store: "ObjectStore",
        key: ConferenceKey,
        found: "Future[FoundHead]",
        listed: Callable[[str], Collection[str]],
    ) -> None:
        super().__init__(store, key)
        self._found = found
        self._listed = listed

    @property
    def head(self) -> Head:
        """What is known of the conference."""
        return self._found.result().head

    def statistics(self, table: str) -> FooterStatistics:
        if table not in self.head.tables and file_names.table_file(table, self.key) not in self._listed(table):
            raise NotStoredError(self.store.absence(table, self.key))
        return super().statistics(table)
