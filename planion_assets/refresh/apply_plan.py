"""Carrying out a plan: its tables are built, what they change is recorded, then they are put in their places."""

from datetime import UTC, datetime

from planion_assets.refresh.build import build, discard
from planion_assets.refresh.outcomes import StoredTable
from planion_assets.refresh.plan import RefreshPlan
from planion_assets.refresh.publish import publish, publish_raw
from planion_assets.refresh.record import Recorded, changes_to_record
from planion_assets.refresh.strike_log import strike_unpublished
from planion_assets.storage.store import Writer
from planion_assets.tables.catalog import HISTORIES


def apply_plan(plan: RefreshPlan, writer: Writer) -> tuple[list[StoredTable], Recorded]:
    """Build and publish the tables of a plan; returns each as it is stored then, and what changed.

    Raises `ShrunkError`, with every file untouched, where rows would be lost beyond the plan's limit, OSError where
    the disk or the object store refuses a file, with those before it in their places, and `SupersededError`.
    """
    built = build(plan, writer)
    try:
        recorded = changes_to_record(plan, built, writer, datetime.now(UTC))
        raw = publish_raw(plan, built, recorded.parts, writer)
        for history in HISTORIES:
            if history.public and any(tracked.table in built.files for tracked in history.tracked):
                strike_unpublished(history, writer)
        derived = publish(plan, plan.derived, built, writer)
    finally:
        discard(built, writer)
    return raw + derived, recorded
