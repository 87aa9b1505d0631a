"""The one place where everything is put together: assets, jobs, sensors and resources of the code location."""

import dagster as dg

from planion_assets.assets.conference_tables import conference_tables
from planion_assets.automation.jobs import refresh
from planion_assets.automation.sensors import configured_conferences
from planion_assets.io_manager import ParquetIOManager
from planion_assets.resources import PlanionResource

_planion = PlanionResource()

defs = dg.Definitions(
    assets=[conference_tables],
    jobs=[refresh],
    sensors=[configured_conferences],
    resources={"planion": _planion, "io_manager": ParquetIOManager(planion=_planion)},
    # One process per run: starting one per step costs 8 s against 2 s (docs/design.md, Runs).
    executor=dg.in_process_executor,
)
