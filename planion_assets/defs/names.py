"""How one set of definitions is named: its asset keys, checks, jobs, resources and partitions.

A host project may have assets and jobs of the same names, and build two sets of definitions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import dagster as dg

from planion_assets.tables.catalog import OVERVIEWS, assets_of
from planion_assets.tables.model import TableSpec


@dataclass(frozen=True)
class Names:
    """The names of one set of definitions.

    `key_prefix` goes before the key of every asset, `name_prefix` before the name of every job, schedule, sensor, op,
    resource and of the partitions definition. `group_name`, `owners` and `tags` are those of every asset.
    `io_manager_key` is the resource that loads and stores the tables. `endpoints` are the feed's methods that the
    settings named as the code location was loaded.
    """

    key_prefix: tuple[str, ...] = ()
    name_prefix: str = ""
    group_name: str = "planion"
    owners: tuple[str, ...] = ("team:data",)
    tags: Mapping[str, str] = field(default_factory=dict)
    io_manager_key: str = "planion_io_manager"
    endpoints: tuple[str, ...] = ()

    @cached_property
    def tables(self) -> tuple[TableSpec, ...]:
        """What is an asset of a conference, upstream ones first: the catalog's tables, and those of `endpoints`."""
        return assets_of(self.endpoints)

    def asset_key(self, table: str) -> dg.AssetKey:
        """The key of the asset of that table."""
        return dg.AssetKey([*self.key_prefix, table])

    def check_key(self, table: str, check: str) -> dg.AssetCheckKey:
        """The key of a check of that table."""
        return dg.AssetCheckKey(self.asset_key(table), check)

    def name(self, name: str) -> str:
        """The name of a job, schedule, sensor, op or resource."""
        return f"{self.name_prefix}{name}"

    @cached_property
    def asset_keys(self) -> Mapping[dg.AssetKey, str]:
        """The table of each asset."""
        return {self.asset_key(declared.name): declared.name for declared in (*self.tables, *OVERVIEWS)}

    @cached_property
    def partitions(self) -> dg.DynamicPartitionsDefinition:
        """One partition per conference, keyed `ACCOUNT|CONFERENCE` (`planion_assets.keys.ConferenceKey`)."""
        return dg.DynamicPartitionsDefinition(name=self.partitions_name)

    @property
    def partitions_name(self) -> str:
        """The name under which Dagster keeps the partitions."""
        return self.name("conferences")

    @property
    def feed_pool(self) -> str:
        """The concurrency pool of what reads the feed: limited only where the instance sets a limit."""
        return self.name("planion_feed")

    @property
    def resource_key(self) -> str:
        """The key of the `PlanionResource`."""
        return self.name("planion")


STANDALONE = Names()
"""The names of the code location `planion_assets.definitions`, which `planion refresh` reports to as well."""
