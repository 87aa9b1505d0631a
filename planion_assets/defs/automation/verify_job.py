"""The job that verifies what is stored, and tells of it: it mends nothing, which is a person's decision.

What a verification looks at is in `planion_assets.verify`.
"""

from datetime import UTC, datetime

import dagster as dg

from planion_assets.config import ConfigError
from planion_assets.defs.automation.run_tags import JOB
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource

FOLDERS = "the folders of the tables"
"""Stands in a failure for what is of no conference."""
_LISTED = 5  # files of a conference in a failure


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
    from planion_assets.storage.atomic_write import refusal
    from planion_assets.storage.last_read import note_verified
    from planion_assets.verify.run import verify as verified

    try:
        settings, store = planion.settings(), planion.store()
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    failed: dict[str, str] = {}
    conferences = files = 0
    for found in verified(settings, store):
        conferences += found.key is not None
        files += found.files
        lines = [finding.line(str(finding.path)) for finding in found.findings]
        for line in lines:
            context.log.info(line)
        if not found.is_right:
            damages = [finding.line(str(finding.path)) for finding in found.damages]
            more = [f"and {len(damages) - _LISTED} files more"] if len(damages) > _LISTED else []
            told = [found.failure] if found.failure else [*damages[:_LISTED], *more]
            failed[str(found.key or FOLDERS)] = " | ".join(told)
    try:
        note_verified(store.root, datetime.now(UTC))
    except OSError as error:
        context.log.warning(f"the verification could not be noted: {refusal(error)}")
    context.log.info(f"{conferences} conferences and {files} files verified, {len(failed)} of them not right")
    if failed:
        named = "\n".join(f"{name}: {reason}" for name, reason in failed.items())
        raise dg.Failure(f"what is stored is not right:\n{named}", metadata=dict(failed), allow_retries=False)
