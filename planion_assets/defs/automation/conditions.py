"""Automation conditions for assets that a team puts downstream of the tables."""

from typing import Any

import dagster as dg

_When = dg.AutomationCondition


def on_changed_conference() -> dg.AutomationCondition[Any]:
    """Materialize a conference's partition when, and only when, a table that it reads has another version.

    For an asset with `partitions_def=conferences`. The version of a table is the digest of the snapshot it was made
    from: a table that is materialized again from the same snapshot, by hand or by a backfill, starts nothing, where
    `AutomationCondition.eager()` would. A conference that the asset was never made for is made once its tables are
    there. A partition that fails is tried again when its conference changes next.

    Dagster evaluates conditions in an `AutomationConditionSensorDefinition`, which has to run.
    """
    requested = _When.newly_requested()
    missing = _When.missing().newly_true().since(requested | _When.newly_updated())
    # Not what a run changed that made the asset too.
    changed = _When.any_deps_match(_When.data_version_changed() & ~_When.executed_with_root_target())
    # In the tick after a request, `since` forgets a change of that tick with the one that was requested, though the run
    # may have read what was before. Its end, a tick later, is remembered: what is not requested by then still is due.
    pending = changed.since(requested) | (~changed).newly_true().since(requested | _When.initial_evaluation())
    ready = ~_When.any_deps_missing() & ~_When.any_deps_in_progress() & ~_When.in_progress()
    return ((missing | pending) & ready).with_label("on_changed_conference")
