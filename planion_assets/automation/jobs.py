"""Jobs: selections of assets that people and schedules launch by name."""

import dagster as dg

from planion_assets.tables.catalog import ASSETS

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.assets(*(table.name for table in ASSETS)),
    description="Read the conferences of the run from the feed and bring all their tables up to date.",
    executor_def=dg.in_process_executor,
)
