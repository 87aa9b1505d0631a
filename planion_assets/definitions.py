"""The one place where everything is put together: all that the code location holds, and its resources."""

import dagster as dg

from planion_assets.defs.assets.conference_status import conference_status
from planion_assets.defs.assets.conference_tables import conference_tables
from planion_assets.defs.automation.failure_sensor import refresh_failures
from planion_assets.defs.automation.jobs import check_freshness, refresh
from planion_assets.defs.automation.prune import prune, prune_old_runs
from planion_assets.defs.automation.refresh_active import refresh_active
from planion_assets.defs.automation.refresh_schedule import refresh_active_conferences
from planion_assets.defs.automation.schedules import freshness_schedule
from planion_assets.defs.automation.sensors import configured_conferences
from planion_assets.defs.automation.verify_job import verify
from planion_assets.defs.automation.verify_schedule import verify_tables
from planion_assets.defs.checks.freshness import freshness_checks
from planion_assets.defs.io_manager import ParquetIOManager
from planion_assets.defs.resources import PlanionResource

_planion = PlanionResource()

defs = dg.Definitions(
    assets=[conference_tables, conference_status],
    asset_checks=[freshness_checks],
    jobs=[refresh, refresh_active, check_freshness, prune, verify],
    schedules=[refresh_active_conferences, freshness_schedule, prune_old_runs, verify_tables],
    sensors=[configured_conferences, refresh_failures],
    resources={"planion": _planion, "io_manager": ParquetIOManager(planion=_planion)},
    # One process per run: starting one per step costs 8 s against 2 s (docs/decisions/one-process.md).
    executor=dg.in_process_executor,
)
