"""The spec of each check of the catalog: partitioned, so that every conference has a verdict of its own."""

import warnings

import dagster as dg

from planion_assets.defs.partitions import conferences
from planion_assets.tables.quality.catalog import CHECKS
from planion_assets.tables.quality.model import Check


def key_of(check: Check) -> dg.AssetCheckKey:
    """The key by which Dagster knows the check."""
    return dg.AssetCheckKey(dg.AssetKey(check.table), check.name)


def _spec_of(check: Check) -> dg.AssetCheckSpec:
    others = [name for name in (*check.reads, *check.reads_where_there) if name != check.table]
    return dg.AssetCheckSpec(
        name=check.name,
        asset=check.table,
        additional_deps=others,
        description=f"{check.finds}. {check.severity.value}: {check.because}",
        partitions_def=conferences,
    )


with warnings.catch_warnings():
    # Partitioned checks are in preview: a result per conference is what the page of a partition shows.
    warnings.simplefilter("ignore", dg.PreviewWarning)
    CHECK_SPECS: tuple[dg.AssetCheckSpec, ...] = tuple(_spec_of(check) for check in CHECKS)
