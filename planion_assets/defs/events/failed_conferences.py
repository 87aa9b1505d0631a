"""What a run reports of the conferences that it could not refresh: partitions in red, with the reason.

A run that fails is shown beside every partition that it materialized, also of conferences that went well. So a run
that refreshed any conference succeeds, and those that failed are told of by a run of their own, once, until they are
refreshed again. Where none could be refreshed the run itself fails, and no partition is marked: one message says so.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from planion_assets.defs.dagster_internals import add_failed_run, plan_materialization
from planion_assets.defs.names import Names

if TYPE_CHECKING:
    from planion_assets.refresh.outcomes import Failed

FAILED = "planion/failed"
"""The tag of a run that could not refresh a conference: its name, and how many more there are."""
_RAW = "raw_sessions"


def failed_tag(failed: Collection[str]) -> dict[str, str]:
    """The tag by which the list of runs names the first of the conferences that failed, and how many more there are."""
    names = sorted(failed)
    if not names:
        return {}
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return {FAILED: f"{names[0].replace('|', '/')}{more}"}


def mark_failed(
    context: dg.OpExecutionContext | dg.AssetExecutionContext,
    names: Names,
    failures: "Sequence[Failed]",
    marked: Collection[str],
    *,
    alone: bool,
    rerun: Mapping[str, Any],
    tags: Mapping[str, str],
) -> None:
    """Have Dagster show the partitions of those conferences as failed, but for those that are `marked` already.

    `alone` says that the run was about one conference and fails with it: then it is marked by this run. Else by one
    run for all of them, whose configuration `rerun` refreshes them again.
    """
    due = [failure for failure in failures if str(failure.key) not in marked]
    asset = names.asset_key(_RAW)
    if not due:
        return
    if alone:
        for failure in due:
            plan_materialization(context.instance, context.run, asset, str(failure.key))
        return
    add_failed_run(
        context.instance,
        context.run,
        run_config=rerun,
        tags={**tags, **failed_tag([str(failure.key) for failure in due])},
        step=str(context.op_handle),
        planned=[(asset, str(failure.key)) for failure in due],
        reasons={str(failure.key): failure.reason for failure in due},
    )
