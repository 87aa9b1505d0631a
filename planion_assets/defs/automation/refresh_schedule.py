"""The schedule of refreshes.

Settings are read when a tick runs (docs/decisions/settings-when-needed.md), and a cron expression is fixed when the
code location loads: so the refresh ticks every minute, and each tick asks whether the interval of the settings has
passed. What it must know of earlier runs it finds in their tags, so that a restarted daemon goes on where it was.
"""

from datetime import datetime, timedelta

import dagster as dg

from planion_assets.config import Config, duration_text
from planion_assets.defs.automation.run_tags import SCHEDULED, SCHEDULED_AT, data_tag, refresh_jobs, unfinished_run
from planion_assets.defs.names import Names

EVERY_MINUTE = "* * * * *"
ENDED_EVERY = timedelta(days=1)


def refresh_active_schedule(names: Names, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    """The schedule of the job `refresh_active`."""

    @dg.schedule(
        name=names.name("refresh_active_conferences"),
        job_name=names.name("refresh_active"),
        cron_schedule=EVERY_MINUTE,
        default_status=status,
        required_resource_keys={names.resource_key},
        description="Refreshes every conference that is not over once per `refresh_interval` of planion.yaml, and "
        "those that are over once a day. Looks every minute whether it is time; never refreshes twice at once.",
    )
    def _schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """Request one refresh of all active conferences, or say why not. Raises ConfigError: the tick fails, in red."""
        return _request(context, getattr(context.resources, names.resource_key).settings(), names)

    return _schedule


def _request(context: dg.ScheduleEvaluationContext, settings: Config, names: Names) -> dg.RunRequest | dg.SkipReason:
    now = context.scheduled_execution_time
    last = _last_request(context.instance, settings, "active", "all")
    if wait := _wait(last, settings.refresh_interval, now):
        return dg.SkipReason(
            f"The last refresh was requested at {last:%H:%M} UTC; the next is due in {duration_text(wait)} "
            f"(refresh_interval: {duration_text(settings.refresh_interval)})."
        )
    if reason := unfinished_run(context.instance, settings, _patience(settings), now, refresh_jobs(names)):
        return dg.SkipReason(reason)
    ended_too = not _wait(_last_request(context.instance, settings, "all"), ENDED_EVERY, now)
    return dg.RunRequest(
        # A daemon that dies after it launched the run and before it noted so does not launch it twice.
        run_key=now.isoformat(),
        run_config={"ops": {names.name("refresh_conferences"): {"config": {"ended_too": ended_too}}}},
        tags={SCHEDULED: "all" if ended_too else "active", SCHEDULED_AT: now.isoformat(), **data_tag(settings)},
    )


def _last_request(instance: dg.DagsterInstance, settings: Config, *kinds: str) -> datetime | None:
    """The tick of the latest run of one of these kinds for the same data folder; None where there is none."""
    wanted = dg.RunsFilter(tags={SCHEDULED: list(kinds), **data_tag(settings)})
    for record in instance.get_run_records(wanted, limit=1):
        return datetime.fromisoformat(record.dagster_run.tags[SCHEDULED_AT])
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
