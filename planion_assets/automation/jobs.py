"""Jobs: selections of assets that people and schedules launch by name."""

import dagster as dg

from planion_assets.checks.freshness import FRESHNESS_CHECKS
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.conference_status import CONFERENCE_STATUS

_freshness = dg.AssetSelection.checks(*(check.key for check in FRESHNESS_CHECKS))

refresh = dg.define_asset_job(
    "refresh",
    # The checks over all conferences have a job of their own: they are about time, which passes without a refresh.
    selection=dg.AssetSelection.assets(*(table.name for table in TABLES)) - _freshness,
    description="Read the conferences of the run from the feed and bring all their tables up to date.",
    executor_def=dg.in_process_executor,
)

check_freshness = dg.define_asset_job(
    "check_freshness",
    selection=dg.AssetSelection.assets(CONFERENCE_STATUS.name) | _freshness,
    description="Say of all conferences how fresh they are and when they were read, from the footers of their files.",
    executor_def=dg.in_process_executor,
)
