"""The two checks over all conferences at once, evaluated whenever `conference_status` is materialized."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import dagster as dg

from planion_assets.defs.names import Names
from planion_assets.freshness.verdicts import Level, State, Verdict
from planion_assets.tables.conference_status import CONFERENCE_STATUS

if TYPE_CHECKING:
    from planion_assets.freshness.survey import Surveyed

LISTED, NAMED = 100, 5  # bad conferences in the table, and in the sentence above it

UPDATED = "session_updated_at_is_fresh"
READ = "feed_is_read"
FRESHNESS_CHECKS = {
    UPDATED: "The newest `session_updated_at` of every conference that is not over is younger than its "
    "`max_update_age`. A warning or an error as the settings say. Says nothing of whether the feed is read.",
    READ: "Every conference that is not over was read and verified within three times `refresh_interval`, "
    "whether or not anything had changed. An error: the pipeline stands still. Says nothing of how old the content is.",
}

_INSTANT = "timestamp[us, tz=UTC]"
_UPDATED_COLUMNS = {
    "conference": "string",
    "verdict": "string",
    "level": "string",
    "updated_at": _INSTANT,
    "age_hours": "float64",
    "limit_hours": "float64",
    "reason": "string",
}
_READ_COLUMNS = {
    "conference": "string",
    "verdict": "string",
    "last_read_at": _INSTANT,
    "hours_since": "float64",
    "limit_hours": "float64",
    "reason": "string",
}


def freshness_check_specs(names: Names) -> list[dg.AssetCheckSpec]:
    """The specs of both. The asset has no partitions: Dagster drops a verdict without a partition on one that has."""
    asset = names.asset_key(CONFERENCE_STATUS.name)
    return [dg.AssetCheckSpec(name, asset=asset, description=text) for name, text in FRESHNESS_CHECKS.items()]


def freshness_results(surveyed: "Sequence[Surveyed]", names: Names, now: datetime) -> list[dg.AssetCheckResult]:
    """The results of both checks."""
    return [_updated_result(surveyed, names, now), _read_result(surveyed, names, now)]


def _updated_result(surveyed: "Sequence[Surveyed]", names: Names, now: datetime) -> dg.AssetCheckResult:
    from planion_assets.freshness.rows import age_hours, limit_hours, worst_first

    bad = [one for one in worst_first(surveyed, now) if one.freshness.level is not Level.OK]
    rows = [
        (
            str(one.facts.key),
            str(one.freshness.state),
            str(one.freshness.level),
            _iso(one.facts.newest),
            _rounded(age_hours(one, now)),
            _rounded(limit_hours(one)),
            one.freshness.message,
        )
        for one in bad[:LISTED]
    ]
    aged = [one for one in surveyed if one.freshness.state in (State.FRESH, State.STALE)]
    ages = [hours for one in aged if (hours := age_hours(one, now)) is not None]
    numbers = {
        "stale_conferences": sum(one.freshness.state is State.STALE for one in surveyed),
        "oldest_age_hours": round(max(ages, default=0.0), 2),
    }
    check = names.check_key(CONFERENCE_STATUS.name, UPDATED)
    return _result(check, [one.freshness for one in surveyed], numbers, ("stale", rows, _UPDATED_COLUMNS))


def _read_result(surveyed: "Sequence[Surveyed]", names: Names, now: datetime) -> dg.AssetCheckResult:
    hours = {one.facts.key: (now - at).total_seconds() / 3600 for one in surveyed if (at := one.facts.last_read)}
    bad = [one for one in surveyed if one.reading.level is not Level.OK]
    bad.sort(key=lambda one: hours.get(one.facts.key, math.inf), reverse=True)
    rows = [
        (
            str(one.facts.key),
            str(one.reading.state),
            _iso(one.facts.last_read),
            _rounded(hours.get(one.facts.key)),
            _rounded(one.facts.limits.read.total_seconds() / 3600 if one.facts.limits else None),
            one.reading.message,
        )
        for one in bad[:LISTED]
    ]
    watched = [one.facts.key for one in surveyed if one.reading.state in (State.READ, State.LATE)]
    longest = max((hours[key] for key in watched if key in hours), default=0.0)
    numbers = {"unread_conferences": len(bad), "longest_unread_hours": round(longest, 3)}
    check = names.check_key(CONFERENCE_STATUS.name, READ)
    return _result(check, [one.reading for one in surveyed], numbers, ("late", rows, _READ_COLUMNS))


def _result(
    check: dg.AssetCheckKey,
    verdicts: Sequence[Verdict],
    numbers: Mapping[str, float],
    table: tuple[str, Sequence[Sequence[str | float | None]], Mapping[str, str]],
) -> dg.AssetCheckResult:
    """A result whose numbers the UI plots, with counts by verdict and the bad ones as a table."""
    states, levels = [verdict.state for verdict in verdicts], [verdict.level for verdict in verdicts]
    counts = {str(state): count for state in State if (count := states.count(state))}
    errors, warnings = levels.count(Level.ERROR), levels.count(Level.WARN)
    found = ", ".join(f"{count} {state}" for state, count in counts.items()) or "none stored or configured"
    name, rows, columns = table
    records = [dg.TableRecord(dict(zip(columns, row, strict=True))) for row in rows]
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
            "verdicts": dg.MetadataValue.json(counts),
            name: dg.MetadataValue.table(records, dg.TableSchema.from_name_type_dict(columns)),
        },
    )


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat(sep=" ", timespec="seconds") if instant else None


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)
