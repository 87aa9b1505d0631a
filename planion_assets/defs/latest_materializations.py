"""The latest materialization of each asset of one conference."""

from collections.abc import Iterable

import dagster as dg

from planion_assets.defs.dagster_internals import Materialization, latest_materializations
from planion_assets.defs.names import Names
from planion_assets.keys import ConferenceKey


class LatestMaterializations:
    """The latest materializations of a conference, each looked up once.

    Ask for an asset after its own event of the run is stored, for what was found is kept.
    """

    def __init__(self, instance: dg.DagsterInstance, key: ConferenceKey, names: Names) -> None:
        self._instance = instance
        self._names = names
        self._partition = str(key)
        self._found: dict[str, Materialization | None] = {}

    def of(self, table: str) -> Materialization | None:
        """The latest materialization of a table; None where there is none."""
        self._look_up([table])
        return self._found[table]

    def storage_ids(self, tables: Iterable[str]) -> dict[str, int]:
        """The storage id of the latest materialization of each of those tables that has one."""
        wanted = list(tables)
        self._look_up(wanted)
        return {table: found.storage_id for table in wanted if (found := self._found[table])}

    def _look_up(self, tables: Iterable[str]) -> None:
        keys = {table: self._names.asset_key(table) for table in tables if table not in self._found}
        if keys:
            found = latest_materializations(self._instance, self._partition, list(keys.values()))
            self._found |= {table: found.get(key) for table, key in keys.items()}
