"""The sensor that registers a partition for each configured conference."""

import dagster as dg

from planion_assets.config import Config
from planion_assets.defs.names import Names

SECONDS_BETWEEN_LOOKS = 20


def configured_conferences_sensor(names: Names, status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """The sensor `configured_conferences`."""

    @dg.sensor(
        name=names.name("configured_conferences"),
        description="Registers each conference of planion.yaml as a partition. One taken out of the file keeps its "
        "partition and its data until `planion forget` deletes both.",
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=status,
        required_resource_keys={names.resource_key},
    )
    def _sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        """Ask for the partitions that are configured and not registered yet.

        Raises ConfigError: the tick fails, in red.
        """
        settings: Config = getattr(context.resources, names.resource_key).settings()
        registered = set(context.instance.get_dynamic_partitions(names.partitions_name))
        missing = [str(key) for key in settings.keys() if str(key) not in registered]
        if not missing:
            return dg.SkipReason(f"All {len(settings.keys())} conferences of {settings.source} are registered.")
        return dg.SensorResult(dynamic_partitions_requests=[names.partitions.build_add_request(missing)])

    return _sensor
