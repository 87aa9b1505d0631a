"""The job that verifies what is stored, and its schedule. It mends nothing, which is a person's decision.

When all was verified last is noted in the folder of the tables (`planion_assets.storage.last_read`), as it is by
`planion verify` of everything: so it is known however long Dagster keeps its runs.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from planion_assets.config import Config, ConfigError, duration_text
from planion_assets.defs.automation.run_tags import JOB, unfinished_runs
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource
from planion_assets.refresh.stores import files_of
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.last_read import last_verified, note_verified

FOLDERS = "the folders of the tables"  # in a failure, for files of no conference
_LISTED = 5  # files of a conference in a failure
EVERY_HOUR = "37 * * * *"  # between the refreshes of the quarter hours
_PATIENCE = timedelta(hours=6)


def verify_job(names: Names) -> dg.JobDefinition:
    """The job, of one op."""

    @dg.op(
        name=names.name("verify_conferences"),
        required_resource_keys={names.resource_key},
        description="Read every stored file against its checksums, its snapshot and the tables made anew.",
    )
    def _verify_conferences(context: dg.OpExecutionContext) -> None:
        _verify(context, getattr(context.resources, names.resource_key))

    return dg.GraphDefinition(
        name=names.name("verify"),
        node_defs=[_verify_conferences],
        description="Read every stored file of every conference against its checksums, its snapshot and the tables "
        "made anew, without the feed. Fails naming the files that differ; `planion verify --repair` mends them.",
    ).to_job(executor_def=dg.in_process_executor, tags={JOB: "verify"})


def _verify(context: dg.OpExecutionContext, planion: PlanionResource) -> None:
    """Verify all conferences, configured or stored; fail at the end, naming those with damaged files."""
    # Imported here: a code location loads without pyarrow, which only a run needs.
    from planion_assets.verify.verification import verify as verified

    try:
        settings, store = planion.settings(), planion.store()
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    failed: dict[str, str] = {}
    conferences = files = 0
    for found in verified(settings, store):
        conferences += found.key is not None
        files += found.files
        lines = [finding.line(store.files.address(finding.name)) for finding in found.findings]
        for line in lines:
            context.log.info(line)
        if not found.is_right:
            damages = [finding.line(store.files.address(finding.name)) for finding in found.damages]
            more = [f"and {len(damages) - _LISTED} files more"] if len(damages) > _LISTED else []
            problems = [found.failure] if found.failure else [*damages[:_LISTED], *more]
            failed[str(found.key or FOLDERS)] = " | ".join(problems)
    try:
        note_verified(store.files, datetime.now(UTC))
    except OSError as error:
        context.log.warning(f"the verification could not be noted: {refusal(error)}")
    context.log.info(f"{conferences} conferences and {files} files verified, {len(failed)} of them not right")
    if failed:
        named = "\n".join(f"{name}: {reason}" for name, reason in failed.items())
        raise dg.Failure(f"what is stored is not right:\n{named}", metadata=dict(failed), allow_retries=False)


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
        last = last_verified(files_of(settings))
    except OSError:
        last = None  # the run says what is wrong with the note
    if last is not None and last <= now < last + interval:
        return dg.SkipReason(
            f"All was verified at {last:%Y-%m-%d %H:%M} UTC; the next time is {last + interval:%Y-%m-%d %H:%M} UTC "
            f"(verify_interval: {duration_text(interval)})."
        )
    for _, reason in unfinished_runs(context.instance, settings, _PATIENCE, now, (names.name("verify"),)):
        return dg.SkipReason(reason)
    return dg.RunRequest(run_key=f"verify {now.isoformat()}")
