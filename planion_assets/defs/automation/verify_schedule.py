"""The schedule of verifications: it looks every hour whether `verify_interval` has passed.

When all was verified last is noted in the folder of the tables (`planion_assets.storage.last_read`), so that it is
known however long Dagster keeps its runs, and `planion verify` of everything counts too.
"""

from datetime import timedelta

import dagster as dg

from planion_assets.config import Config, duration_text
from planion_assets.defs.automation.unfinished_runs import unfinished_run
from planion_assets.defs.names import Names
from planion_assets.storage.last_read import last_verified

# Between the refreshes of the quarter hours.
EVERY_HOUR = "37 * * * *"
_PATIENCE = timedelta(hours=6)


def verify_schedule(names: Names, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    """The schedule of the job `verify`."""

    @dg.schedule(
        name=names.name("verify_tables"),
        job_name=names.name("verify"),
        cron_schedule=EVERY_HOUR,
        default_status=status,
        required_resource_keys={names.resource_key},
        description="Verifies all stored files once per `verify_interval` of planion.yaml (a week, unless it says "
        "another, or never). Looks every hour whether it is time. A run that finds damage fails and names the files.",
    )
    def _schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """Request one verification of all conferences, or say why not.

        Raises ConfigError, which fails the tick: a mistake in the file must not silence it.
        """
        return _request(context, getattr(context.resources, names.resource_key).settings(), names)

    return _schedule


def _request(context: dg.ScheduleEvaluationContext, settings: Config, names: Names) -> dg.RunRequest | dg.SkipReason:
    now = context.scheduled_execution_time
    interval = settings.verify_interval
    if interval is None:
        return dg.SkipReason("The settings say never (verify_interval: never).")
    try:
        last = last_verified(settings.data)
    except OSError:
        last = None  # the run says what is wrong with the note
    if last is not None and last <= now < last + interval:
        return dg.SkipReason(
            f"All was verified at {last:%Y-%m-%d %H:%M} UTC; the next time is {last + interval:%Y-%m-%d %H:%M} UTC "
            f"(verify_interval: {duration_text(interval)})."
        )
    if reason := unfinished_run(context.instance, settings, _PATIENCE, now, (names.name("verify"),)):
        return dg.SkipReason(reason)
    return dg.RunRequest(run_key=f"verify {now.isoformat()}")
