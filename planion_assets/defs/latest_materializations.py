"""The latest materialization of each asset of one conference."""

from collections.abc import Iterable

import dagster as dg

from planion_assets.defs.names import Names
from planion_assets.keys import ConferenceKey


class LatestMaterializations:
    """The latest materializations of a conference, each looked up once: a look-up costs as much as an event.

    Ask for an asset after its own event of the run is stored, for what was found is kept.
    """

    def __init__(self, instance: dg.DagsterInstance, key: ConferenceKey, names: Names) -> None:
        self._instance = instance
        self._names = names
        self._partition = str(key)
        self._found: dict[str, dg.EventLogRecord | None] = {}

    def of(self, table: str) -> dg.EventLogRecord | None:
        """The record of the latest materialization of a table; None where there is none."""
        if table not in self._found:
            wanted = dg.AssetRecordsFilter(asset_key=self._names.asset_key(table), asset_partitions=[self._partition])
            records = self._instance.fetch_materializations(wanted, limit=1).records
            self._found[table] = next(iter(records), None)
        return self._found[table]

    def storage_ids(self, tables: Iterable[str]) -> dict[str, int]:
        """The storage id of the latest materialization of each of those tables that has one."""
        found = {table: self.of(table) for table in tables}
        return {table: record.storage_id for table, record in found.items() if record}
