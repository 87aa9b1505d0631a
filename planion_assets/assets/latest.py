"""What Dagster has noted last of an asset of one conference."""

import dagster as dg

from planion_assets.keys import ConferenceKey


def latest_materialization(instance: dg.DagsterInstance, asset: str, key: ConferenceKey) -> dg.EventLogRecord | None:
    """The record of the latest materialization of an asset of a conference; None where there is none."""
    latest = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[str(key)])
    return next(iter(instance.fetch_materializations(latest, limit=1).records), None)
