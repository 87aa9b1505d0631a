"""From a refreshed conference to the verdicts of its checks."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from planion_assets.defs.checks.current_verdicts import CurrentVerdicts
from planion_assets.defs.dagster_internals import evaluation_target
from planion_assets.defs.latest_materializations import LatestMaterializations
from planion_assets.defs.names import Names
from planion_assets.defs.rendering.markdown import one_line
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Refreshed, StoredTable
from planion_assets.tables.quality.check_catalog import CHECKS
from planion_assets.tables.quality.model import Check, Contents, Offender

OFFENDERS = 10


@dataclass(frozen=True, slots=True)
class JudgedCheck:
    """What a check has found in a conference; its verdict is made after the events of the tables are stored."""

    check: Check
    key: ConferenceKey
    offenders: Sequence[Offender]

    def verdict(
        self, latest: LatestMaterializations, verdicts: CurrentVerdicts, names: Names
    ) -> dg.AssetCheckEvaluation:
        """The verdict on the latest materialization of the check's table."""
        check = self.check
        return dg.AssetCheckEvaluation(
            asset_key=names.asset_key(check.table),
            check_name=check.name,
            passed=not self.offenders,
            severity=dg.AssetCheckSeverity(check.severity.value),
            description=f"{check.finds}: {len(self.offenders) or 'none'}",
            # Text, because the UI plots a number of all conferences as one line.
            metadata={
                "found": str(len(self.offenders)),
                **({"offenders": _offender_table(check, self.offenders)} if self.offenders else {}),
                **verdicts.marks(check),
            },
            partition=str(self.key),
            target_materialization_data=evaluation_target(latest.of(check.table)),
        )


def judge(
    refreshed: Refreshed,
    planned: Collection[dg.AssetCheckKey],
    verdicts: CurrentVerdicts,
    names: Names,
    *,
    reported: bool,
    checks: Sequence[Check] = CHECKS,
) -> list[JudgedCheck]:
    """What the checks find that are due for a conference; none is due whose tables were not all refreshed.

    All are due where the run `reported` the conference's tables, because Dagster drops verdicts on an earlier
    materialization; and a check that the run `planned`, because Dagster shows a planned one without a verdict as
    skipped. Any other check is due where it has no current verdict. Raises `StoreError` or OSError where a stored file
    cannot be read.
    """
    due = [
        check
        for check in checks
        if (reported or names.check_key(check.table, check.name) in planned or not verdicts.has(check, refreshed.key))
        and _has_tables(check, refreshed)
    ]
    contents = Contents(
        tables={stored.table.name: _Columns(stored) for stored in refreshed.tables},
        unreadable={stored.table.name: json.loads(stored.footer.unreadable) for stored in refreshed.tables},
    )
    return [JudgedCheck(check, refreshed.key, check.find(contents)) for check in due]


def _has_tables(check: Check, refreshed: Refreshed) -> bool:
    absent = {skipped.table.name for skipped in refreshed.skipped}
    return all(refreshed.stored(name) for name in check.reads) and all(
        refreshed.stored(name) or name in absent for name in check.reads_where_there
    )


class _Columns(dict[str, Any]):
    """Columns by name, each of which is loaded when the first check reads it."""

    def __init__(self, stored: StoredTable) -> None:
        self._stored = stored

    def __missing__(self, name: str) -> Any:
        return self.setdefault(name, self._stored.load([name])[name])


def _offender_table(check: Check, offenders: Sequence[Offender]) -> dg.TableMetadataValue:
    """The first offenders as a table. The UI shows its cells as text; text of the feed is cut to a short line."""
    records = [
        dg.TableRecord(
            {
                name: one_line(value) if isinstance(value, str) else value
                for name, value in zip(check.columns, offender, strict=True)
            }
        )
        for offender in offenders[:OFFENDERS]
    ]
    schema = dg.TableSchema(columns=[dg.TableColumn(name) for name in check.columns])
    return dg.MetadataValue.table(records, schema)
