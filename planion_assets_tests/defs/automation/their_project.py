"""Another project's code location, whose jobs have the names of ours; what a run does is told by its tags.

`make` names partitions that the run materializes of `sessions`, an asset that both projects have, and of their own;
`fail` makes it fail.
"""

from collections.abc import Iterator

import dagster as dg

JOBS = ("refresh", "refresh_active", "check_freshness", "prune", "nightly")


@dg.op(out={})
def make(context: dg.OpExecutionContext) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    """Do what the run's tags say."""
    for key in filter(None, context.run.tags.get("make", "").split(",")):
        for asset in ("sessions", "their_table"):
            yield dg.AssetMaterialization(asset, partition=key)
        yield dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey("sessions"), check_name="a_check", passed=True, partition=key
        )
    if "fail" in context.run.tags:
        raise dg.Failure("it was asked for", allow_retries=False)


@dg.asset
def their_table() -> None:
    """Do nothing."""


def job(name: str) -> dg.JobDefinition:
    """A job of that name which does what its tags say."""
    return dg.GraphDefinition(name=name, node_defs=[make]).to_job(executor_def=dg.in_process_executor)


defs = dg.Definitions(assets=[their_table], jobs=[job(name) for name in JOBS], executor=dg.in_process_executor)
