"""The sensor that requests refreshes by the clock.

Settings are read when a tick runs (docs/decisions/settings-when-needed.md), and a cron expression is fixed when the
code location loads: so a sensor looks every minute whether the interval of the settings has passed. It names the jobs
that it is about, so that the Automation tab of each asset names it; a schedule of an op job is on none. What it must
know of earlier runs it finds in their tags, so that a restarted daemon goes on where it was.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from planion_assets.config import Config, duration_text
from planion_assets.defs.automation.run_tags import SCHEDULED, SCHEDULED_AT, data_tag, refresh_jobs, unfinished_run
from planion_assets.defs.names import Names

SECONDS_BETWEEN_LOOKS = 60
ENDED_EVERY = timedelta(days=1)


def refresh_active_sensor(names: Names, jobs: Sequence[Any], status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """The sensor, which is about both `jobs` that refresh and requests runs of `refresh_active`."""

    @dg.sensor(
        name=names.name("refresh_active_conferences"),
        jobs=list(jobs),
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=status,
        required_resource_keys={names.resource_key},
        description="Refreshes every conference that is not over once per `refresh_interval` of planion.yaml, and "
        "those that are over once a day. Looks every minute whether it is time; never refreshes twice at once.",
    )
    def _sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """Request one refresh of all active conferences, or say why not. Raises ConfigError: the tick fails, in red."""
        settings = getattr(context.resources, names.resource_key).settings()
        return refresh_request(context.instance, settings, names, datetime.now(UTC))

    return _sensor


def refresh_request(
    instance: dg.DagsterInstance, settings: Config, names: Names, now: datetime
) -> dg.RunRequest | dg.SkipReason:
    """The run that is due at an instant, or the reason why none is."""
    last = _last_request(instance, settings, "active", "all")
    if wait := _wait(last, settings.refresh_interval, now):
        return dg.SkipReason(
            f"The last refresh was requested at {last:%H:%M} UTC; the next is due in {duration_text(wait)} "
            f"(refresh_interval: {duration_text(settings.refresh_interval)})."
        )
    if reason := unfinished_run(instance, settings, _patience(settings), now, refresh_jobs(names)):
        return dg.SkipReason(reason)
    ended_too = not _wait(_last_request(instance, settings, "all"), ENDED_EVERY, now)
    return dg.RunRequest(
        # A daemon that dies after it launched the run and before it noted so does not launch it twice.
        run_key=f"after {last.isoformat() if last else 'none'}",
        job_name=names.name("refresh_active"),
        run_config={"ops": {names.name("refresh_conferences"): {"config": {"ended_too": ended_too}}}},
        tags={SCHEDULED: "all" if ended_too else "active", SCHEDULED_AT: now.isoformat(), **data_tag(settings)},
    )


def _last_request(instance: dg.DagsterInstance, settings: Config, *kinds: str) -> datetime | None:
    """The tick of the latest run of one of these kinds for the same data folder; None where there is none."""
    wanted = dg.RunsFilter(tags={SCHEDULED: list(kinds), **data_tag(settings)})
    for record in instance.get_run_records(wanted, limit=1):
        tagged = record.dagster_run.tags.get(SCHEDULED_AT)
        return datetime.fromisoformat(tagged) if tagged else record.create_timestamp
    return None


def _wait(last: datetime | None, interval: timedelta, now: datetime) -> timedelta:
    """How long it is until `interval` has passed; nothing for a clock that was set back, which would wait for ever."""
    if last is None or last > now:
        return timedelta(0)
    return max(timedelta(0), last + interval - now)


def _patience(settings: Config) -> timedelta:
    """After how long without an event a refresh is taken for dead: twice what one conference may take, or an hour."""
    longest = timedelta(seconds=settings.feed.walk_timeout * settings.feed.max_walks)
    return max(timedelta(hours=1), 2 * longest)
