"""What a run reports of the conferences that it could not refresh: partitions in red, with the reason.

Dagster shows a failed run beside every partition that it materialized. So a run that refreshed any conference succeeds,
and those that failed are reported by a failed run of their own, once, until they are refreshed again. Where none could
be refreshed the run itself fails, and no partition turns red.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from planion_assets.defs.automation.run_tags import COMMAND, DATA, JOB
from planion_assets.defs.checks import refreshed
from planion_assets.defs.dagster_internals import add_failed_run, plan_materialization
from planion_assets.defs.events.policy import EventPolicy
from planion_assets.defs.latest_materializations import LatestMaterializations

if TYPE_CHECKING:
    from planion_assets.defs.events.refresh_run import RefreshTask
    from planion_assets.refresh.outcomes import Failed

FAILED = "planion/failed"
"""The tag of a run that could not refresh some conferences: the first of them, and how many more there are."""


def failed_tag(failed: Collection[str]) -> dict[str, str]:
    """The tag with those conferences; none where none failed."""
    names = sorted(failed)
    if not names:
        return {}
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return {FAILED: f"{names[0].replace('|', '/')}{more}"}


def failure_events(
    context: dg.OpExecutionContext | dg.AssetExecutionContext,
    task: "RefreshTask",
    failures: "Sequence[Failed]",
    policy: EventPolicy,
) -> Iterator[dg.AssetCheckEvaluation | dg.AssetObservation]:
    """The verdict on each conference that failed, and an observation where it did not fail for this reason before.

    Where the run did not plan their partitions, Dagster is told that they failed, unless it shows them as failed.
    """
    names = task.names
    for failure in failures:
        latest = LatestMaterializations(context.instance, failure.key, names)
        yield refreshed.evaluation(failure, failure.reason, latest, names)
        before = failure.failure_before
        if not before or before.reason != failure.reason:
            yield refreshed.observation(failure, names)
    if not policy.planned:
        _mark_failed(context, task, [failure for failure in failures if str(failure.key) not in policy.failed])


def _mark_failed(
    context: dg.OpExecutionContext | dg.AssetExecutionContext, task: "RefreshTask", failures: "Sequence[Failed]"
) -> None:
    """Plan those partitions: by this run if it is about one conference and fails with it, else by one run for all."""
    asset, reasons = task.names.asset_key(refreshed.TABLE), {str(failure.key): failure.reason for failure in failures}
    if task.is_of_one:
        for key in reasons:
            plan_materialization(context.instance, context.run, asset, key)
    elif reasons:
        tags = {tag: context.run.tags[tag] for tag in (COMMAND, DATA, JOB) if tag in context.run.tags}
        add_failed_run(
            context.instance,
            context.run,
            run_config=task.rerun(list(reasons)) if task.rerun else {},
            tags={**tags, **failed_tag(reasons)},
            step=str(context.op_handle),
            planned=[(asset, key) for key in reasons],
            reasons=reasons,
        )
