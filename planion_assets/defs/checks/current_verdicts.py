"""The verdicts that are current when a run begins, so that an unchanged conference is not evaluated again.

Dagster's storage is asked once for each check, not for each conference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from planion_assets.defs.dagster_internals import last_evaluation_metadata, latest_verdicts
from planion_assets.defs.names import Names
from planion_assets.keys import ConferenceKey
from planion_assets.tables.quality.check_catalog import CHECKS
from planion_assets.tables.quality.model import Check

# Behind what people look for: Dagster orders the metadata of a verdict by name.
VERSION, SINCE = "planion/check_version", "planion/check_version_since_event"


@dataclass(frozen=True, slots=True)
class CurrentVerdicts:
    """The verdicts in an instance at one moment.

    By the name of a check, `current` holds the partitions that have a verdict on the latest materialization, and
    `since` the storage id of the event after which its verdicts are by its present code.
    """

    current: Mapping[str, frozenset[str]]
    since: Mapping[str, int]

    def has(self, check: Check, key: ConferenceKey) -> bool:
        """Whether the check has a verdict on the conference's latest materialization, by its present code."""
        return str(key) in self.current[check.name]

    def marks(self, check: Check) -> dict[str, str]:
        """Metadata of each verdict: which version of the check gave it. Text, because the UI plots numbers."""
        return {VERSION: check.fingerprint, SINCE: str(self.since[check.name])}


def current_verdicts(instance: dg.DagsterInstance, names: Names, checks: Sequence[Check] = CHECKS) -> CurrentVerdicts:
    """The verdicts of an instance as they are at the moment."""
    keys = {check: names.check_key(check.table, check.name) for check in checks}
    metadata = last_evaluation_metadata(instance, list(keys.values()))
    current: dict[str, frozenset[str]] = {}
    since: dict[str, int] = {}
    for check, key in keys.items():
        verdicts = list(latest_verdicts(instance, [key]))
        marks = metadata[key]
        if VERSION in marks and SINCE in marks and marks[VERSION].value == check.fingerprint:
            begin = int(str(marks[SINCE].value))
        else:  # other code gave the verdicts so far
            begin = max((verdict.storage_id for verdict in verdicts), default=0)
        since[check.name] = begin
        current[check.name] = frozenset(
            verdict.partition for verdict in verdicts if verdict.passed is not None and verdict.storage_id > begin
        )
    return CurrentVerdicts(current, since)
