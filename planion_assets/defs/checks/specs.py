"""The spec of each check of the catalog: partitioned, so that every conference has a verdict of its own."""

import warnings

import dagster as dg

from planion_assets.defs.checks import refreshed
from planion_assets.defs.names import Names
from planion_assets.tables.quality.check_catalog import CHECKS


def check_specs(names: Names) -> list[dg.AssetCheckSpec]:
    """The specs of all checks of a conference."""
    with warnings.catch_warnings():
        # Partitioned checks are in preview: a result per conference is what the page of a partition shows.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        specs = [
            dg.AssetCheckSpec(
                name=check.name,
                asset=names.asset_key(check.table),
                additional_deps=[
                    names.asset_key(name) for name in (*check.reads, *check.reads_where_there) if name != check.table
                ],
                description=f"{check.finds}. {check.severity.value}: {check.because}",
                partitions_def=names.partitions,
            )
            for check in CHECKS
        ]
        return [
            *specs,
            dg.AssetCheckSpec(
                name=refreshed.NAME,
                asset=names.asset_key(refreshed.TABLE),
                description=refreshed.DESCRIPTION,
                partitions_def=names.partitions,
            ),
        ]
