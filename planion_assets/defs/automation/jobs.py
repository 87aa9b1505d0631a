"""Jobs: selections of assets that people and schedules launch by name."""

import dagster as dg

from planion_assets.defs.automation.run_tags import JOB
from planion_assets.defs.checks.freshness import FRESHNESS_CHECKS
from planion_assets.tables.catalog import ASSETS
from planion_assets.tables.conference_status import CONFERENCE_STATUS

refresh = dg.define_asset_job(
    "refresh",
    # Without the checks: they are evaluated all the same where they are due. A planned one costs a row per conference
    # and run, each of which names every conference of the run, and reads as skipped where there was nothing to judge.
    selection=dg.AssetSelection.assets(*(table.name for table in ASSETS)).without_checks(),
    description="Read the conferences of the run from the feed and bring all their tables up to date.",
    tags={JOB: "refresh"},
    executor_def=dg.in_process_executor,
)

check_freshness = dg.define_asset_job(
    "check_freshness",
    selection=dg.AssetSelection.assets(CONFERENCE_STATUS.name)
    | dg.AssetSelection.checks(*(check.key for check in FRESHNESS_CHECKS)),
    description="Say of all conferences how fresh they are and when they were read, from the footers of their files.",
    executor_def=dg.in_process_executor,
)
