"""Which verdicts stand when a run begins, so that an unchanged conference is not judged again.

A verdict is an event, and a thousand conferences are refreshed every quarter of an hour. Asks Dagster's storage a few
times per run, not per conference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from planion_assets.defs.names import Names
from planion_assets.keys import ConferenceKey
from planion_assets.tables.quality.catalog import CHECKS
from planion_assets.tables.quality.model import Check

VERSION, SINCE = "check_version", "check_version_since_event"


@dataclass(frozen=True, slots=True)
class CurrentVerdicts:
    """The verdicts in an instance at one moment.

    By the name of a check, `current` holds the partitions that have a verdict which stands, and `since` the storage id
    of the event after which its verdicts are by its present code.
    """

    current: Mapping[str, frozenset[str]]
    since: Mapping[str, int]

    def has(self, check: Check, key: ConferenceKey) -> bool:
        """Whether the check has a verdict on the conference's latest materialization, by its present code."""
        return str(key) in self.current[check.name]

    def marks(self, check: Check) -> dict[str, str]:
        """Metadata for each verdict, from which a later run sees whether it was given by the code of then.

        Text, because the UI plots numbers.
        """
        return {VERSION: check.fingerprint, SINCE: str(self.since[check.name])}


def current_verdicts(instance: dg.DagsterInstance, names: Names, checks: Sequence[Check] = CHECKS) -> CurrentVerdicts:
    """The verdicts of an instance as they are at the moment."""
    storage = instance.event_log_storage
    keys = {check.name: names.check_key(check.table, check.name) for check in checks}
    infos: dict[str, list[Any]] = {name: [] for name in keys}
    for info in storage.get_asset_check_partition_info(list(keys.values())):
        infos[info.check_key.name].append(info)
    summaries = storage.get_asset_check_summary_records(list(keys.values()))
    since: dict[str, int] = {}
    for check in checks:
        last = summaries[keys[check.name]].last_completed_check_execution_record
        newest = max((info.latest_check_event_storage_id for info in infos[check.name]), default=0)
        since[check.name] = _since(check, last.evaluation.metadata if last and last.evaluation else {}, newest)
    current = {
        name: frozenset(info.partition_key for info in infos[name] if _stands(info, since[name])) for name in keys
    }
    return CurrentVerdicts(current, since)


def _since(check: Check, marks: Mapping[str, Any], newest: int) -> int:
    """What the last verdict is marked with; the newest event of the check where that was by other code."""
    if VERSION in marks and SINCE in marks and marks[VERSION].value == check.fingerprint:
        return int(marks[SINCE].value)
    return newest


def _stands(info: Any, since: int) -> bool:
    judged = info.latest_execution_status.value in ("SUCCEEDED", "FAILED")
    return judged and info.is_current and info.latest_check_event_storage_id > since
