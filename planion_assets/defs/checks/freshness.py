"""The two checks over all conferences at once, evaluated whenever `conference_status` is materialized.

Belongs here: specs, and the verdicts of `planion_assets.freshness` as results. Checks of one conference are evaluated
when it is materialized (specs.py).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import dagster as dg

from planion_assets.defs.names import Names
from planion_assets.tables.conference_status import CONFERENCE_STATUS

if TYPE_CHECKING:
    from planion_assets.freshness.survey import Surveyed
    from planion_assets.freshness.verdicts import Verdict

LISTED, NAMED = 100, 5  # bad conferences in the table, and in the sentence above it

UPDATED = "session_updated_at_is_fresh"
READ = "feed_is_read"
FRESHNESS_CHECKS = {
    UPDATED: "The newest `session_updated_at` of every conference that is not over is younger than its "
    "`max_update_age`. A warning or an error as the settings say. Says nothing of whether the feed is read.",
    READ: "Every conference that is not over was read and verified within three times `refresh_interval`, "
    "whether or not anything had changed. An error: the pipeline stands still. Says nothing of how old the content is.",
}

_SCHEMA = dg.TableSchema(
    columns=[
        dg.TableColumn("conference", "string"),
        dg.TableColumn("verdict", "string"),
        dg.TableColumn("level", "string"),
        dg.TableColumn("updated_at", "timestamp[us, tz=UTC]"),
        dg.TableColumn("age_hours", "float64"),
        dg.TableColumn("limit_hours", "float64"),
        dg.TableColumn("reason", "string"),
    ]
)
_READ_SCHEMA = dg.TableSchema(
    columns=[
        dg.TableColumn("conference", "string"),
        dg.TableColumn("verdict", "string"),
        dg.TableColumn("last_read_at", "timestamp[us, tz=UTC]"),
        dg.TableColumn("hours_since", "float64"),
        dg.TableColumn("limit_hours", "float64"),
        dg.TableColumn("reason", "string"),
    ]
)


def freshness_check_specs(names: Names) -> list[dg.AssetCheckSpec]:
    """The specs of both. The asset has no partitions: Dagster drops a verdict without a partition on one that has."""
    asset = names.asset_key(CONFERENCE_STATUS.name)
    return [dg.AssetCheckSpec(name, asset=asset, description=text) for name, text in FRESHNESS_CHECKS.items()]


def freshness_results(surveyed: "Sequence[Surveyed]", names: Names, now: datetime) -> list[dg.AssetCheckResult]:
    """The results of both checks."""
    return [updated_result(surveyed, names, now), read_result(surveyed, names, now)]


def updated_result(surveyed: "Sequence[Surveyed]", names: Names, now: datetime) -> dg.AssetCheckResult:
    """The result of `session_updated_at_is_fresh`."""
    from planion_assets.freshness.rows import age_hours, limit_hours, worst_first
    from planion_assets.freshness.verdicts import Level, State

    verdicts = [one.freshness for one in surveyed]
    bad = [one for one in worst_first(surveyed, now) if one.freshness.level is not Level.OK]
    records = [
        _record(
            _SCHEMA,
            str(one.facts.key),
            str(one.freshness.state),
            str(one.freshness.level),
            _iso(one.facts.newest),
            _rounded(age_hours(one, now)),
            _rounded(limit_hours(one)),
            one.freshness.told,
        )
        for one in bad[:LISTED]
    ]
    ages = [
        hours
        for one in surveyed
        if one.freshness.state in (State.FRESH, State.STALE) and (hours := age_hours(one, now)) is not None
    ]
    stale = sum(verdict.state is State.STALE for verdict in verdicts)
    counts = {str(state): sum(verdict.state is state for verdict in verdicts) for state in State}
    numbers: dict[str, int | float] = {"stale_conferences": stale, "oldest_age_hours": round(max(ages, default=0.0), 2)}
    return _result(
        names.check_key(CONFERENCE_STATUS.name, UPDATED), verdicts, numbers, counts, ("stale", records, _SCHEMA)
    )


def read_result(surveyed: "Sequence[Surveyed]", names: Names, now: datetime) -> dg.AssetCheckResult:
    """The result of `feed_is_read`."""
    from planion_assets.freshness.verdicts import Level, State

    def since(one: "Surveyed") -> float | None:
        at = one.facts.last_read
        return None if at is None else (now - at).total_seconds() / 3600

    verdicts = [one.reading for one in surveyed]
    bad = [one for one in surveyed if one.reading.level is not Level.OK]
    bad.sort(key=lambda one: float("-inf") if (hours := since(one)) is None else -hours)
    records = [
        _record(
            _READ_SCHEMA,
            str(one.facts.key),
            str(one.reading.state),
            _iso(one.facts.last_read),
            _rounded(since(one)),
            _rounded(one.facts.limits.read.total_seconds() / 3600 if one.facts.limits else None),
            one.reading.told,
        )
        for one in bad[:LISTED]
    ]
    watched = [
        hours for one in surveyed if one.reading.state in (State.READ, State.LATE) and (hours := since(one)) is not None
    ]
    counts = {str(state): sum(verdict.state is state for verdict in verdicts) for state in State}
    numbers: dict[str, int | float] = {
        "unread_conferences": len(bad),
        "longest_unread_hours": round(max(watched, default=0.0), 3),
    }
    return _result(
        names.check_key(CONFERENCE_STATUS.name, READ), verdicts, numbers, counts, ("late", records, _READ_SCHEMA)
    )


def _result(
    check: dg.AssetCheckKey,
    verdicts: "Sequence[Verdict]",
    numbers: dict[str, int | float],
    counts: dict[str, int],
    table: tuple[str, list[dg.TableRecord], dg.TableSchema],
) -> dg.AssetCheckResult:
    """A result whose numbers the UI plots, with counts by verdict and the bad ones as a table."""
    from planion_assets.freshness.verdicts import Level

    errors = sum(verdict.level is Level.ERROR for verdict in verdicts)
    warnings = sum(verdict.level is Level.WARN for verdict in verdicts)
    found = ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "none stored or configured"
    name, records, schema = table
    bad = [f"{record.data['conference']} {record.data['verdict']}" for record in records[:NAMED]]
    more = [f"{errors + warnings - NAMED} more"] if errors + warnings > NAMED else []
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=not errors and not warnings,
        severity=dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
        description="; ".join([*bad, *more, f"{len(verdicts)} conferences: {found}"]),
        metadata={
            **numbers,
            "conferences": len(verdicts),
            "errors": errors,
            "warnings": warnings,
            "verdicts": dg.MetadataValue.json({state: count for state, count in counts.items() if count}),
            name: dg.MetadataValue.table(records, schema),
        },
    )


def _record(schema: dg.TableSchema, *values: str | float | None) -> dg.TableRecord:
    return dg.TableRecord({column.name: value for column, value in zip(schema.columns, values, strict=True)})


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat(sep=" ", timespec="seconds") if instant else None


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)
