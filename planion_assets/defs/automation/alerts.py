"""The sensor that reports what has changed: what fails, what still does after a day, what has recovered.

What is a problem, and which changes are reported, is in `planion_assets.freshness`. The sensor logs a message and posts
it to the webhook that `failure_webhook_env` of planion.yaml names; where that refuses, the next look sends it again.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import dagster as dg

from planion_assets.config import Config, ConfigError
from planion_assets.defs.automation.alert_message import message, secrets_of
from planion_assets.defs.automation.dagster_problems import failed_checks, failed_run_of, failed_runs
from planion_assets.defs.automation.run_tags import data_tag
from planion_assets.defs.automation.webhook import post
from planion_assets.defs.dagster_internals import REPOSITORY_TAG
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource
from planion_assets.freshness.alarms import Alarm, Cursor, Problem, cause_of, changes
from planion_assets.refresh.stores import files_of
from planion_assets.storage.last_read import last_note

SECONDS_BETWEEN_LOOKS = 30
WAITS_FOR_RUN = timedelta(minutes=5)  # at most, for a run to end: what fails in it for one reason is one message
_CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class _Look:
    """One look of the sensor, its instant, and the cursor of the looks before."""

    context: dg.SensorEvaluationContext
    names: Names
    now: datetime
    before: Cursor

    @property
    def repository(self) -> str | None:
        """Where this code location's runs are launched from; None outside of one."""
        origin = self.context.code_location_origin
        return f"{self.context.repository_name}@{origin.location_name}" if origin else None


def alerts_sensor(names: Names) -> dg.SensorDefinition:
    """The sensor."""

    @dg.sensor(
        name=names.name("alerts"),
        description="Tells what fails, is stale or is not read, and what has recovered: each change once, what lasts "
        "once a day. Logs it, and posts it to the webhook of planion.yaml if there is one.",
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        required_resource_keys={names.resource_key},
    )
    def _sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        """Look, and report. Raises ConfigError and WebhookError: the tick fails, in red."""
        look = _Look(context, names, datetime.now(UTC), Cursor.parse(context.cursor))
        return _report_changes(look, getattr(context.resources, names.resource_key))

    return _sensor


def _report_changes(look: _Look, planion: PlanionResource) -> dg.SkipReason:
    """Look at everything, unless nothing can have changed since the last time, and report what has."""
    try:
        settings, store = planion.settings(), planion.store()
        webhook = settings.failure_webhook()
    except ConfigError as error:
        return _unusable(look, error)
    mark, is_running = _mark(look, settings)
    if reason := _nothing_new(look, settings, mark, is_running=is_running):
        return dg.SkipReason(reason)
    # Imported here: a code location loads without pyarrow.
    from planion_assets.freshness.conference_problems import problems
    from planion_assets.freshness.survey import survey

    surveyed = survey(settings, store, look.now)
    active = {str(one.facts.key) for one in surveyed if one.facts.limits and not one.facts.is_over(look.now)}
    checks, outdated = failed_checks(look.context.instance, look.names, active)
    runs, unseen = failed_runs(look.context.instance, settings, look.names, look.repository)
    found = (*problems(surveyed), *checks, *runs)
    alarms, reported = changes(look.before.reported, found, look.now, [*outdated, *unseen])
    if alarms:
        _send(look, _with_runs(look, settings, alarms), settings, webhook, active)
    cursor = replace(look.before, reported=reported, seen_at=look.now, mark=mark, webhook=settings.failure_webhook_env)
    look.context.update_cursor(cursor.dump())
    lasting = sum(one.at is not None for one in reported.values())
    return dg.SkipReason(f"{len(alarms)} changes told; {lasting} problems of {len(surveyed)} conferences and all runs.")


def _unusable(look: _Look, error: ConfigError) -> dg.SkipReason:
    """Report once that the settings cannot be used; raise it in every other look, and where there is no webhook."""
    address = os.environ.get(look.before.webhook or "", "").strip()
    problem = Problem(_CONFIGURATION, "", str(error), cause_of(str(error)))
    # Of everything else nothing can be said without them.
    alarms, reported = changes(look.before.reported, [problem], look.now, look.before.reported.keys())
    if not alarms or not address:
        raise error
    _send(look, alarms, None, address, ())
    look.context.update_cursor(replace(look.before, reported=reported).dump())
    return dg.SkipReason(f"Told that the settings cannot be used, which fails the looks that follow: {error}")


def _mark(look: _Look, settings: Config) -> tuple[str, bool]:
    """What differs once anything was refreshed or checked, and whether an own run goes on."""
    changed, is_running = [last_note(files_of(settings))], False
    for tags in (data_tag(settings), *([{REPOSITORY_TAG: look.repository}] if look.repository else [])):
        wanted = dg.RunsFilter(tags=tags)
        for record in look.context.instance.get_run_records(wanted, 1, order_by="update_timestamp"):
            changed.append(int(record.update_timestamp.timestamp() * 1e6))
            is_running |= not record.dagster_run.is_finished
    return " ".join(map(str, changed)), is_running


def _nothing_new(look: _Look, settings: Config, mark: str, *, is_running: bool) -> str | None:
    """Why this look is not needed; None where it is: content becomes stale by the clock alone."""
    seen_at = look.before.seen_at
    if seen_at is None or not seen_at <= look.now < seen_at + settings.refresh_interval:
        return None
    if (_CONFIGURATION, "") in look.before.reported:
        return None
    since = f"since {seen_at:%Y-%m-%d %H:%M:%S} UTC"
    if mark == look.before.mark:
        return f"Nothing was refreshed or checked {since}."
    if is_running and look.now < seen_at + WAITS_FOR_RUN:
        return f"A run goes on, whose end is waited for {since}."
    return None


def _with_runs(look: _Look, settings: Config, alarms: Sequence[Alarm]) -> list[Alarm]:
    """The alarms, those of conferences that are not refreshed with the run that says more."""
    from planion_assets.freshness.conference_problems import REFRESH

    if not any(alarm.problem.attempts for alarm in alarms):  # no conference that is not refreshed
        return list(alarms)
    runs = failed_run_of(look.context.instance, settings, look.names, look.repository)
    return [
        replace(alarm, problem=replace(alarm.problem, run=runs.get(alarm.problem.of)))
        if alarm.problem.kind == REFRESH
        else alarm
        for alarm in alarms
    ]


def _send(
    look: _Look,
    alarms: Sequence[Alarm],
    settings: Config | None,
    webhook: str | None,
    conferences: Collection[str],
) -> None:
    """Log one message about these alarms, and post it. Raises WebhookError."""
    body = message(
        look.names.name("planion"),
        alarms,
        look.now,
        conferences=conferences,
        secrets=secrets_of(settings, webhook),
        dagster_url=settings.dagster_url if settings else None,
    )
    look.context.log.error(body["text"])
    if webhook:
        post(webhook, body)
        look.context.log.info("posted to the webhook")
