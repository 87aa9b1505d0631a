"""Jobs: selections of assets that people and schedules launch by name."""

from typing import Any

import dagster as dg

from planion_assets.defs.automation.run_tags import JOB
from planion_assets.defs.names import Names
from planion_assets.tables.conference_status import CONFERENCE_STATUS


def refresh_job(names: Names) -> Any:
    """The job of the assets of conferences."""
    return dg.define_asset_job(
        names.name("refresh"),
        # Without the checks: they are evaluated all the same where they are due. A planned one costs a row per
        # conference and run, each of which names every conference of the run, and reads as skipped where there was
        # nothing to judge.
        selection=dg.AssetSelection.assets(*(names.asset_key(table.name) for table in names.tables)).without_checks(),
        description="Read the conferences of the run from the feed and bring all their tables up to date.",
        tags={JOB: "refresh"},
        executor_def=dg.in_process_executor,
    )


def check_freshness_job(names: Names) -> Any:
    """The job of what is known of all conferences together."""
    return dg.define_asset_job(
        names.name("check_freshness"),
        selection=dg.AssetSelection.assets(names.asset_key(CONFERENCE_STATUS.name)),
        description="Say of all conferences how fresh they are and when they were read, from the footers of their "
        "files.",
        tags={JOB: "check_freshness"},
        executor_def=dg.in_process_executor,
    )
