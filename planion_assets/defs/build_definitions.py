"""`build_definitions`: all assets, checks, jobs and automation of one configuration."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from planion_assets.config import Config
from planion_assets.defs.assets.conference_tables import backfill_policy, conference_tables
from planion_assets.defs.assets.overviews import overviews
from planion_assets.defs.automation.alerts import alerts_sensor
from planion_assets.defs.automation.jobs import check_freshness_job, check_freshness_schedule, refresh_job
from planion_assets.defs.automation.prune import prune_job, prune_schedule
from planion_assets.defs.automation.refresh_active import refresh_active_job
from planion_assets.defs.automation.refresh_sensor import refresh_active_sensor
from planion_assets.defs.automation.sensors import configured_conferences_sensor
from planion_assets.defs.automation.verify_job import verify_job, verify_schedule
from planion_assets.defs.io_manager import ParquetIOManager
from planion_assets.defs.names import STANDALONE, Names
from planion_assets.defs.resources import PlanionResource


def build_definitions(
    config: str | Path | Mapping[str, Any] | None = None,
    *,
    key_prefix: str | Sequence[str] = (),
    group_name: str = STANDALONE.group_name,
    name_prefix: str | None = None,
    io_manager_key: str | None = None,
    owners: Sequence[str] = STANDALONE.owners,
    tags: Mapping[str, str] | None = None,
    schedules: bool = False,
    prune: bool = False,
    alerts: bool = False,
    sandbox: bool = False,
) -> dg.Definitions:
    """The assets, checks, jobs and automation of one configuration, to be merged with those of a host project.

    `config` is the path of a planion.yaml, or its content as a mapping; None for the file in PLANION_CONFIG, else
    planion.yaml in the working directory. It is read by the runs and ticks that need it; here no more is taken from it
    than which endpoints have assets, and what Dagster fixes when a code location loads. `sandbox` reads the made-up
    feed instead.

    `key_prefix` goes before every asset key. `name_prefix` goes before the names of jobs, schedules, sensors, ops, the
    partitions definition and the resources; unless given it is the key prefix, joined by underscores. So two calls with
    two key prefixes live in one code location. `io_manager_key` names the resource that loads and stores the tables,
    `planion_io_manager` behind that prefix unless given (a prefix `planion_` is not said twice); no other asset of the
    host uses it unless it names it.

    Nothing runs unless it is asked for: `schedules` lets the schedules and the sensor that registers conferences run,
    which are otherwise there and stopped; `prune` adds the job that deletes old runs of these jobs and assets and its
    schedule; `alerts` adds the sensor that tells of what fails and has recovered.
    """
    planion = PlanionResource.of(config, sandbox=sandbox)
    settings = planion.settings_at_load()
    prefix = (key_prefix,) if isinstance(key_prefix, str) else tuple(key_prefix)
    before = "".join(f"{part}_" for part in prefix) if name_prefix is None else name_prefix
    names = Names(
        key_prefix=prefix,
        name_prefix=before,
        group_name=group_name,
        owners=tuple(owners),
        tags=dict(tags or {}),
        io_manager_key=io_manager_key or f"{before.removesuffix('planion_')}{STANDALONE.io_manager_key}",
        endpoints=settings.endpoints() if settings else (),
    )
    return _definitions(names, planion, settings, schedules=schedules, prune=prune, alerts=alerts)


def _definitions(
    names: Names, planion: PlanionResource, settings: Config | None, *, schedules: bool, prune: bool, alerts: bool
) -> dg.Definitions:
    runs = schedules and runs_by_default(settings)
    status = dg.DefaultScheduleStatus.RUNNING if runs else dg.DefaultScheduleStatus.STOPPED
    sensor_status = {True: dg.DefaultSensorStatus.RUNNING, False: dg.DefaultSensorStatus.STOPPED}
    refreshing = [refresh_job(names), refresh_active_job(names)]
    jobs = [*refreshing, check_freshness_job(names), verify_job(names)]
    ticks = [check_freshness_schedule(names, status), verify_schedule(names, status)]
    sensors = [
        configured_conferences_sensor(names, sensor_status[schedules]),
        refresh_active_sensor(names, refreshing, sensor_status[runs]),
    ]
    if prune:
        jobs.append(prune_job(names))
        ticks.append(prune_schedule(names))
    if alerts:
        sensors.append(alerts_sensor(names))
    return dg.Definitions(
        assets=[conference_tables(names, backfill_policy(settings)), overviews(names)],
        jobs=jobs,
        schedules=ticks,
        sensors=sensors,
        resources={
            names.resource_key: planion,
            names.io_manager_key: ParquetIOManager(planion=planion, key_prefix=list(names.key_prefix)),
        },
    )


def runs_by_default(settings: Config | None) -> bool:
    """Whether schedules and sensors run unless somebody stops them: not in the sandbox, which needs no refresh.

    Without usable settings they run and each tick fails: a file that was lost must not stop them in silence.
    """
    return settings is None or not settings.uses_sandbox_content
