"""What is stored of one conference in a folder, to be read: each file is opened once, however much is asked of it."""

from typing import TYPE_CHECKING

from planion_assets.keys import ConferenceKey
from planion_assets.storage.parquet_statistics import FooterStatistics
from planion_assets.storage.writer import StoredConference

if TYPE_CHECKING:
    from planion_assets.storage.store import Store


class LocalConference(StoredConference):
    """A conference as it is when each of its files is first asked for."""

    def __init__(self, store: "Store", key: ConferenceKey) -> None:
        super().__init__(store, key)
        self._found: dict[str, FooterStatistics] = {}

    def statistics(self, table: str) -> FooterStatistics:
        """What a table's file says of itself and of its columns."""
        if table not in self._found:
            self._found[table] = super().statistics(table)
        return self._found[table]
