"""The latest materialization of each asset of one conference."""

from collections.abc import Iterable

import dagster as dg

from planion_assets.defs.names import Names
from planion_assets.keys import ConferenceKey


class LatestMaterializations:
    """The latest materializations of a conference, each looked up once.

    Ask for an asset after its own event of the run is stored: what was found is cached.
    """

    def __init__(self, instance: dg.DagsterInstance, key: ConferenceKey, names: Names) -> None:
        self._instance = instance
        self._names = names
        self._partition = str(key)
        self._found: dict[str, dg.EventLogRecord | None] = {}

    def of(self, table: str) -> dg.EventLogRecord | None:
        """The latest materialization of a table; None where there is none."""
        if table not in self._found:
            wanted = dg.AssetRecordsFilter(self._names.asset_key(table), asset_partitions=[self._partition])
            self._found[table] = next(iter(self._instance.fetch_materializations(wanted, limit=1).records), None)
        return self._found[table]

    def storage_ids(self, tables: Iterable[str]) -> dict[str, int]:
        """The storage id of the latest materialization of each of those tables that has one."""
        return {table: found.storage_id for table in tables if (found := self.of(table))}
