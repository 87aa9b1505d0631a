"""The sensor that requests refreshes by the clock: a run, or with `refresh_runs` one for each share of the accounts.

The interval is a setting, where a schedule's is fixed when the code location loads. A sensor of two jobs is listed on
the Automation tab of their assets, where a schedule of an op job is not. What it must know of earlier runs is in their
tags, so that a restarted daemon goes on where it was.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import dagster as dg

from planion_assets.config import Config, duration_text
from planion_assets.defs.automation.refresh_active import run_config
from planion_assets.defs.automation.run_tags import (
    ACCOUNT,
    SCHEDULED,
    SCHEDULED_AT,
    SHARE,
    accounts_of,
    data_tag,
    refresh_jobs,
    unfinished_runs,
)
from planion_assets.defs.names import Names

if TYPE_CHECKING:
    from planion_assets.freshness.shares import Share

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
        "those that are over once a day. Looks every minute whether it is time; never reads an account twice at once.",
    )
    def _sensor(context: dg.SensorEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        """Request one refresh of all active conferences, or say why not. Raises ConfigError: the tick fails, in red."""
        planion = getattr(context.resources, names.resource_key)
        settings, now = planion.settings(), datetime.now(UTC)
        if settings.refresh_runs == 1:
            return refresh_requests(context.instance, settings, names, now)
        # Imported here: a code location loads without pyarrow, which only a tick needs that divides.
        from planion_assets.freshness.shares import shares

        def divided() -> "list[Share]":
            return shares(settings, planion.store(), now, settings.refresh_runs)

        return refresh_requests(context.instance, settings, names, now, divided)

    return _sensor


def refresh_requests(
    instance: dg.DagsterInstance,
    settings: Config,
    names: Names,
    now: datetime,
    divided: "Callable[[], Sequence[Share]] | None" = None,
) -> list[dg.RunRequest] | dg.SkipReason:
    """The runs that are due at an instant, or the reason why none is: one, or one for each share of the accounts.

    An account that a run is refreshing is left out, and the others of its share go. A run that does not say which
    accounts it refreshes may refresh any.
    """
    last = _last_request(instance, settings, ("active", "all"))
    if reason := _not_due(last, settings, now):
        return dg.SkipReason(reason)
    busy: dict[str, str] = {}
    for run, reason in unfinished_runs(instance, settings, _patience(settings), now, refresh_jobs(names)):
        accounts = accounts_of(run) if divided else None
        if accounts is None:
            return dg.SkipReason(reason)
        busy |= dict.fromkeys(accounts, reason)
    if divided is None:
        return [_request(instance, settings, names, now, last)]
    shares, requests = divided(), []
    for number, share in enumerate(shares, 1):
        if free := [account for account in share if account not in busy]:
            requests.append(_request(instance, settings, names, now, last, free, f"{number} of {len(shares)}"))
    return requests or dg.SkipReason(" ".join(dict.fromkeys(busy.values())))


def _request(  # noqa: PLR0917 - what all requests of a tick have in common, and then a share
    instance: dg.DagsterInstance,
    settings: Config,
    names: Names,
    now: datetime,
    last: datetime | None,
    accounts: Sequence[str] = (),
    share: str = "",
) -> dg.RunRequest:
    """The run over all conferences, or over those of some accounts, which are that `share`: `2 of 4`."""
    of_share = {ACCOUNT: ",".join(accounts)} if accounts else {}
    ended_too = not _wait(_last_request(instance, settings, ("all",), of_share), ENDED_EVERY, now)
    tags = {SCHEDULED: "all" if ended_too else "active", SCHEDULED_AT: now.isoformat(), **data_tag(settings)}
    return dg.RunRequest(
        # A daemon that dies after it launched the run and before it noted so does not launch it twice.
        run_key=f"after {last.isoformat() if last else 'none'}{''.join(f', {name}' for name in accounts)}",
        job_name=names.name("refresh_active"),
        run_config=run_config(names, ended_too=ended_too, **({"accounts": list(accounts)} if accounts else {})),
        tags={**tags, **of_share, **({SHARE: share} if accounts else {})},
    )


def _not_due(last: datetime | None, settings: Config, now: datetime) -> str | None:
    """Why no refresh is due yet; None where one is."""
    if last is None or not (wait := _wait(last, settings.refresh_interval, now)):
        return None
    return (
        f"The last refresh was requested at {last:%H:%M} UTC; the next is due in {duration_text(wait)} "
        f"(refresh_interval: {duration_text(settings.refresh_interval)})."
    )


def _last_request(
    instance: dg.DagsterInstance, settings: Config, kinds: Sequence[str], tags: Mapping[str, str] = MappingProxyType({})
) -> datetime | None:
    """The tick of the latest run of one of these kinds, with these tags, for the same data folder; None for none."""
    wanted = dg.RunsFilter(tags={SCHEDULED: list(kinds), **data_tag(settings), **tags})
    for record in instance.get_run_records(wanted, limit=1):
        tagged = record.dagster_run.tags.get(SCHEDULED_AT)
        return datetime.fromisoformat(tagged) if tagged else record.create_timestamp
    return None


def _wait(last: datetime | None, interval: timedelta, now: datetime) -> timedelta:
    """How long it is until `interval` has passed; nothing where the clock was set back."""
    if last is None or last > now:
        return timedelta(0)
    return max(timedelta(0), last + interval - now)


def _patience(settings: Config) -> timedelta:
    """After how long without an event a refresh counts as dead: twice what one conference may take, or an hour."""
    longest = timedelta(seconds=settings.feed.walk_timeout * settings.feed.max_walks)
    return max(timedelta(hours=1), 2 * longest)
