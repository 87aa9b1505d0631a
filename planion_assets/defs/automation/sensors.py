"""Sensors: what Dagster watches for."""

import dagster as dg

from planion_assets.defs.partitions import conferences
from planion_assets.defs.resources import PlanionResource

SECONDS_BETWEEN_LOOKS = 20


@dg.sensor(
    name="configured_conferences",
    description="Registers each conference of planion.yaml as a partition. One taken out of the file keeps its "
    "partition and its data.",
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def configured_conferences(
    context: dg.SensorEvaluationContext, planion: PlanionResource
) -> dg.SensorResult | dg.SkipReason:
    """Ask for the partitions that are configured and not registered yet. Raises ConfigError: the tick fails, in red."""
    settings = planion.settings()
    registered = set(context.instance.get_dynamic_partitions(conferences.name or ""))
    missing = [str(key) for key in settings.keys() if str(key) not in registered]
    if not missing:
        return dg.SkipReason(f"All {len(settings.keys())} conferences of {settings.source} are registered.")
    return dg.SensorResult(dynamic_partitions_requests=[conferences.build_add_request(missing)])
