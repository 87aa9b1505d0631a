"""A conference in a folder to its reader: what its files tell costs opening each once, however much is asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from planion_assets.keys import ConferenceKey
from planion_assets.storage.footer_statistics import FooterStatistics
from planion_assets.storage.parquet_file import Footer
from planion_assets.storage.writer import StoredConference

if TYPE_CHECKING:
    from planion_assets.storage.store import Store


class LocalConference(StoredConference):
    """A conference as it is when each of its files is first asked for."""

    def __init__(self, store: "Store", key: ConferenceKey) -> None:
        super().__init__(store, key)
        self._found: dict[str, FooterStatistics] = {}

    def footer(self, table: str) -> Footer:
        """What a table's file says of itself."""
        return self._statistics(table).footer

    def min_max(self, table: str, columns: Sequence[str]) -> tuple[Footer, dict[str, tuple[datetime, datetime] | None]]:
        """The footer with the least and greatest value of timestamp columns."""
        found = self._statistics(table)
        return found.footer, found.min_max(columns)

    def nulls(self, table: str, column: str) -> tuple[Footer, int]:
        """The footer with the number of rows that have no value in a column."""
        found = self._statistics(table)
        return found.footer, found.nulls(column)

    def _statistics(self, table: str) -> FooterStatistics:
        if table not in self._found:
            self._found[table] = self.store.statistics(table, self.key)
        return self._found[table]
