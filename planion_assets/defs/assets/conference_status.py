"""The asset `conference_status`: one small table over all conferences, for people without Dagster too."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from planion_assets.config import ConfigError
from planion_assets.defs.assets.specs import GROUP, OWNER, column_schema
from planion_assets.defs.resources import PlanionResource
from planion_assets.tables.conference_status import CONFERENCE_STATUS


@dg.asset(
    name=CONFERENCE_STATUS.name,
    deps=list(CONFERENCE_STATUS.upstream),
    description=f"{CONFERENCE_STATUS.description}\n\nOne Parquet file, `conference_status.parquet`.",
    metadata={"dagster/column_schema": column_schema(CONFERENCE_STATUS)},
    group_name=GROUP,
    owners=[OWNER],
    kinds={"python", "parquet"},
    code_version=CONFERENCE_STATUS.fingerprint,
)
def conference_status(planion: PlanionResource) -> dg.MaterializeResult[Any]:
    """Survey the disk, write the table, and show how old everything is."""
    # Imported here: a code location loads without pyarrow, which only a run needs.
    from planion_assets.defs.rendering.timeline import bars, timeline
    from planion_assets.freshness import rows
    from planion_assets.freshness.survey import survey
    from planion_assets.freshness.verdicts import Level, State

    now = datetime.now(UTC)
    try:
        store = planion.writable_store()
        surveyed = survey(planion.settings(), store, now)
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    footer = rows.write(store, surveyed, now)
    levels = [rows.level(one) for one in surveyed]
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": footer.rows,
            "oldest": dg.MetadataValue.md(bars(surveyed, now)),
            "timeline": dg.MetadataValue.md(timeline(surveyed, now)),
            "errors": levels.count(Level.ERROR),
            "warnings": levels.count(Level.WARN),
            "over": sum(one.freshness.state is State.OVER for one in surveyed),
            "path": dg.MetadataValue.path(footer.path),
        }
    )
