"""The check `conference_is_refreshed`: whether the last attempt to refresh a conference failed, why and since when.

A failed refresh materializes nothing, so the rest of the asset's page shows the last success.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from planion_assets.defs.dagster_internals import evaluation_target
from planion_assets.defs.latest_materializations import LatestMaterializations
from planion_assets.defs.names import Names

if TYPE_CHECKING:
    from planion_assets.refresh.outcomes import Failed, Outcome

TABLE, NAME = "raw_sessions", "conference_is_refreshed"
DESCRIPTION = (
    "The last refresh of the conference succeeded. ERROR: its tables show an older state, and the reason says what "
    "keeps the feed from being read, since when and how often."
)


def observation(failure: "Failed", names: Names) -> dg.AssetObservation:
    """An observation with the reason, for the page of a partition, which shows no checks and no reason of a run."""
    return dg.AssetObservation(
        names.asset_key(TABLE),
        partition=str(failure.key),
        description="refresh failed",
        metadata={"refresh_failed": dg.MetadataValue.text(failure.reason)},
    )


def evaluation(
    outcome: "Outcome", reason: str | None, latest: LatestMaterializations, names: Names
) -> dg.AssetCheckEvaluation:
    """The result for one conference; `reason` is why it failed, in whole or in part, and None where it did not."""
    before = outcome.failure_before
    metadata: dict[str, Any] = {}
    if reason is not None:
        metadata = {"reason": dg.MetadataValue.text(reason)}
        if before:
            metadata["failing_since"] = dg.MetadataValue.timestamp(before.since)
        # Text, because the UI plots a number of all conferences as one line.
        metadata["attempts"] = dg.MetadataValue.text(str(before.attempts + 1 if before else 1))
    return dg.AssetCheckEvaluation(
        asset_key=names.asset_key(TABLE),
        check_name=NAME,
        passed=reason is None,
        severity=dg.AssetCheckSeverity.ERROR,
        description="refreshed" if reason is None else f"failed: {reason}",
        metadata=metadata,
        partition=str(outcome.key),
        target_materialization_data=evaluation_target(latest.of(TABLE)),
    )
