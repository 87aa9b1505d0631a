"""The schedule of verifications: it looks every hour whether `verify_interval` has passed.

When all was verified last is noted in the folder of the tables (`planion_assets.storage.last_read`), so that it is
known however long Dagster keeps its runs, and `planion verify` of everything counts too.
"""

from datetime import timedelta

import dagster as dg

from planion_assets.config import duration_text
from planion_assets.defs.automation.schedules import status_by_default
from planion_assets.defs.automation.unfinished_runs import unfinished_refresh
from planion_assets.defs.automation.verify_job import verify
from planion_assets.defs.resources import PlanionResource
from planion_assets.storage.last_read import last_verified

# Between the refreshes of the quarter hours.
EVERY_HOUR = "37 * * * *"
_PATIENCE = timedelta(hours=6)


@dg.schedule(
    name="verify_tables",
    job=verify,
    cron_schedule=EVERY_HOUR,
    default_status=status_by_default(),
    description="Verifies all stored files once per `verify_interval` of planion.yaml (a week, unless it says another, "
    "or never). Looks every hour whether it is time. A run that finds damage fails and names the files.",
)
def verify_tables(context: dg.ScheduleEvaluationContext, planion: PlanionResource) -> dg.RunRequest | dg.SkipReason:
    """Request one verification of all conferences, or say why not.

    Raises ConfigError, which fails the tick: a mistake in the file must not silence it.
    """
    now = context.scheduled_execution_time
    settings = planion.settings()
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
    if reason := unfinished_refresh(context.instance, settings, _PATIENCE, now, (verify.name,)):
        return dg.SkipReason(reason)
    return dg.RunRequest(run_key=f"verify {now.isoformat()}")
