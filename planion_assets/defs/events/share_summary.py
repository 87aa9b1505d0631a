"""One summary of a refresh in several runs, which the last of them to end logs."""

import json

import dagster as dg

from planion_assets.defs.automation.run_tags import COUNTS, SCHEDULED_AT, SHARE
from planion_assets.defs.dagster_internals import tag_run
from planion_assets.refresh.summary import Summary


def share_summary(context: dg.OpExecutionContext | dg.AssetExecutionContext, summary: Summary) -> str | None:
    """Note the counts of this run's share. Returns the line about all shares where all have ended, else None.

    Each run notes its own share before it looks at the others, so at least one of two that end at once has the line.
    """
    instance, run = context.instance, context.run
    if SHARE not in run.tags or SCHEDULED_AT not in run.tags:
        return None
    counts = {"unchanged": summary.unchanged, "changed": len(summary.changed), "failed": len(summary.failed)}
    tag_run(instance, run.run_id, {COUNTS: json.dumps(counts)})
    found = instance.get_runs(dg.RunsFilter(tags={SCHEDULED_AT: run.tags[SCHEDULED_AT]}))
    shares = [other for other in found if SHARE in other.tags]
    counted = [json.loads(other.tags[COUNTS]) for other in shares if COUNTS in other.tags]
    lost = [other.run_id for other in shares if COUNTS not in other.tags and other.is_finished]
    if len(counted) + len(lost) < len(shares):
        return None
    total = {name: sum(one[name] for one in counted) for name in counts}
    line = (
        f"all {len(shares)} runs of this refresh: {total['unchanged'] + total['changed']} read, "
        f"{total['unchanged']} unchanged, {total['changed']} changed, {total['failed']} failed"
    )
    return f"{line}; ended without saying: {', '.join(lost)}" if lost else line
