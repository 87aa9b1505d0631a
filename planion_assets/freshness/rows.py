"""The survey as rows of the table `conference_status`, which `planion status` prints too, and their order there."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from planion_assets.freshness.survey import Surveyed
from planion_assets.freshness.verdicts import Level, State, worst
from planion_assets.storage.store import Footer, Store
from planion_assets.tables.arrow.arrays import make_array
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets.tables.model import TableSpec


def row(surveyed: Surveyed, now: datetime) -> dict[str, Any]:
    """One row of `conference_status`: Python values by column name."""
    facts, fresh, read, usable = surveyed.facts, surveyed.freshness, surveyed.reading, surveyed.quality
    return {
        "account": facts.key.account,
        "conference": facts.key.conference,
        "checked_at": now,
        "level": str(level(surveyed)),
        "configured": facts.limits is not None,
        "over": facts.is_over(now),
        "ends_at": facts.ends,
        "sessions": facts.sessions,
        "links": facts.links,
        "newest_session_updated_at": facts.newest,
        "age_hours": age_hours(surveyed, now),
        "limit_hours": limit_hours(surveyed),
        "last_read_at": facts.last_read,
        "last_change_at": facts.last_change,
        "freshness": str(fresh.state),
        "freshness_level": str(fresh.level),
        "freshness_reason": fresh.reason,
        "reading": str(read.state),
        "reading_level": str(read.level),
        "reading_reason": read.reason,
        "failing_since": facts.failure.since if facts.failure else None,
        "failed_attempts": facts.failure.attempts if facts.failure else 0,
        "failure_reason": facts.failure.reason if facts.failure else None,
        "rejected_items": None if facts.nameless is None else facts.nameless + (facts.contested or 0),
        "unreadable_values": None if facts.sessions is None else sum(facts.unreadable.values()),
        "quality": str(usable.state),
        "quality_level": str(usable.level),
        "quality_reason": usable.reason,
    }


def level(surveyed: Surveyed) -> Level:
    """The worst of the three verdicts."""
    return worst(surveyed.freshness.level, surveyed.reading.level, surveyed.quality.level)


def age_hours(surveyed: Surveyed, now: datetime) -> float | None:
    """Hours since the newest `session_updated_at`, negative in the future; None where there is none."""
    newest = surveyed.facts.newest
    return None if newest is None else (now - newest).total_seconds() / 3600


def limit_hours(surveyed: Surveyed) -> float | None:
    """The limit that applies: that for errors where it is passed, else that for warnings; None for no limit."""
    limits, verdict = surveyed.facts.limits, surveyed.freshness
    if limits is None or verdict.state not in (State.FRESH, State.STALE):
        return None
    return (limits.error if verdict.level is Level.ERROR else limits.warn).total_seconds() / 3600


def worst_first(surveyed: Iterable[Surveyed], now: datetime) -> list[Surveyed]:
    """The worst content first: by level, then by age, the conferences without an age before the others."""

    def badness(one: Surveyed) -> tuple[int, float]:
        age = age_hours(one, now)
        return -list(Level).index(one.freshness.level), float("-inf") if age is None else -age

    return sorted(surveyed, key=badness)


def write(store: Store, surveyed: Iterable[Surveyed], now: datetime) -> Footer:
    """Replace the stored `conference_status`, whole: of two runs that overlap the last one's stays. Raises OSError."""
    rows = [row(one, now) for one in sorted(surveyed, key=lambda one: one.facts.key)]
    return store.write(CONFERENCE_STATUS.location, None, table_of(CONFERENCE_STATUS, rows))


def table_of(declared: TableSpec, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """A table of rows that come in the order of its key."""
    found, schema = list(rows), schema_of(declared)
    columns = [make_array([one[column.name] for one in found], column.type) for column in schema]
    return pa.Table.from_arrays(columns, schema=schema)
