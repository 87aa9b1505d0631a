"""The sensor that tells people of failed runs: which conferences, and why. An example to begin from.

It logs by default; with `failure_webhook_env` in planion.yaml it posts to a webhook as well. Tokens are taken out of
both, though no message of this project holds one: a library's might.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import dagster as dg

from planion_assets.config import Config, ConfigError, MissingTokenError
from planion_assets.defs.automation.webhook import post
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource

CONFERENCES_SHOWN = 50
REASON_CHARACTERS = 500
SECONDS_BETWEEN_LOOKS = 30


def refresh_failures_sensor(names: Names, jobs: Sequence[Any], planion: PlanionResource) -> dg.SensorDefinition:
    """The sensor, which is told of failed runs of these jobs."""

    @dg.run_failure_sensor(
        name=names.name("refresh_failures"),
        description="Logs which conferences failed in a run and why, and posts it to the webhook of planion.yaml if "
        "there is one.",
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        monitored_jobs=list(jobs),
    )
    def _sensor(context: dg.RunFailureSensorContext) -> None:
        _tell(context, planion.read_settings)

    return _sensor


def _tell(context: dg.RunFailureSensorContext, read_settings: Callable[[], Config]) -> None:
    """Tell of one failed run. Settings that cannot be used, or a webhook that refuses, fail the tick, which says so."""
    conferences, others = reasons(context)
    settings, webhook, unusable = None, None, None
    try:
        settings = read_settings()
        webhook = settings.failure_webhook()
    except ConfigError as error:
        unusable = error
    secrets = secrets_of(settings, webhook)
    message = _message(context, conferences, others, secrets)
    context.log.error(message["text"])
    if unusable:
        raise unusable  # after the run's own reasons are logged
    if webhook:
        post(webhook, message)
        context.log.info("posted to the webhook")


def reasons(context: dg.RunFailureSensorContext) -> tuple[dict[str, str], list[str]]:
    """Why a run failed: a reason by conference, and what else failed."""
    conferences: dict[str, str] = {}
    others: list[str] = []
    for event in context.get_step_failure_events():
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.metadata:
            metadata = data.user_failure_data.metadata
            conferences |= {name: str(value.value) for name, value in metadata.items()}
        elif data.user_failure_data:
            others.append(str(data.user_failure_data.description))
        elif data.error:
            # The cause is what the code raised; the error is Dagster's, around it.
            others.append((data.error.cause or data.error).message.strip())
    if not conferences and not others:
        others.append(context.failure_event.message or "no reason was noted; the run's log in Dagster may have one")
    return conferences, others


def secrets_of(settings: Config | None, webhook: str | None) -> list[str]:
    """What no message may hold: every account's token, plain, URL-quoted and as Basic credentials; the webhook."""
    tokens: list[str] = []
    for account in settings.accounts if settings else ():
        try:
            tokens.append(settings.token(account.account) if settings else "")
        except MissingTokenError:
            continue
    encoded = [base64.b64encode(text.encode()).decode() for token in tokens for text in (token, f"{token}:")]
    found = {*tokens, *(quote(token, safe="") for token in tokens), *encoded, *([webhook] if webhook else [])}
    return sorted(found - {""}, key=len, reverse=True)


def _message(
    context: dg.RunFailureSensorContext, conferences: Mapping[str, str], others: list[str], secrets: list[str]
) -> dict[str, Any]:
    """What is posted: `text` for chat services, and the same in parts for programs."""
    run = context.dagster_run

    def clean(reason: str) -> str:
        for secret in secrets:
            reason = reason.replace(secret, "[secret]")
        return reason if len(reason) <= REASON_CHARACTERS else reason[: REASON_CHARACTERS - 1] + "…"

    told = {clean(name): clean(reason) for name, reason in conferences.items()}
    lines = [f"{name}: {reason}" for name, reason in list(told.items())[:CONFERENCES_SHOWN]]
    if len(told) > CONFERENCES_SHOWN:
        lines.append(f"and {len(told) - CONFERENCES_SHOWN} more")
    errors = [clean(reason) for reason in others]
    what = f"{len(told)} conferences failed" if told else "it failed"
    text = "\n".join([f"Run {run.run_id} of {run.job_name}: {what}", *lines, *errors])
    return {"text": text, "run_id": run.run_id, "job": run.job_name, "conferences": told, "errors": errors}
