"""From a refreshed conference to the results of its checks."""

from collections.abc import Collection, Iterator

import dagster as dg

from planion_assets.checks.specs import LINKS_HAVE_PERSON, SCHEDID_IS_UNIQUE
from planion_assets.outcomes import Refreshed, StoredTable
from planion_assets.tables.items import rivals
from planion_assets.tables.quality import links_without_person

OFFENDERS = 10


def evaluations(refreshed: Refreshed, selected: Collection[dg.AssetCheckKey]) -> Iterator[dg.AssetCheckEvaluation]:
    """The results of the selected checks for one conference; none of a check whose tables were not refreshed."""
    links, people = refreshed.stored("session_speakers"), refreshed.stored("speakers")
    if LINKS_HAVE_PERSON.key in selected and links and people:
        yield _links_have_person(refreshed, links, people)
    sessions = refreshed.stored("sessions")
    if SCHEDID_IS_UNIQUE.key in selected and sessions:
        yield _schedid_is_unique(refreshed, sessions)


def _links_have_person(refreshed: Refreshed, links: StoredTable, people: StoredTable) -> dg.AssetCheckEvaluation:
    orphans = links_without_person(links.data, people.data)
    shown = [dg.TableRecord({"schedid": o.schedid, "pslinkid": o.pslinkid, "pid": o.pid}) for o in orphans]
    return dg.AssetCheckEvaluation(
        asset_key=LINKS_HAVE_PERSON.asset_key,
        check_name=LINKS_HAVE_PERSON.name,
        passed=not orphans,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(orphans)} of {links.footer.rows} links name a person that the feed does not list",
        metadata={
            "links": links.footer.rows,
            "links_without_person": len(orphans),
            "offenders": dg.MetadataValue.table(shown[:OFFENDERS], _schema("schedid", "pslinkid", "pid")),
        },
        partition=str(refreshed.key),
    )


def _schedid_is_unique(refreshed: Refreshed, sessions: StoredTable) -> dg.AssetCheckEvaluation:
    contested = {
        schedid: len(ranked) for schedid, ranked in rivals(sessions.content.items, "schedid").items() if len(ranked) > 1
    }
    named = sorted(contested)[:OFFENDERS]
    listed = f": {', '.join(named)}{', …' if len(contested) > len(named) else ''}" if named else ""
    return dg.AssetCheckEvaluation(
        asset_key=SCHEDID_IS_UNIQUE.asset_key,
        check_name=SCHEDID_IS_UNIQUE.name,
        passed=not contested,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(contested)} of {sessions.footer.rows} sessions came in versions that differ{listed}",
        metadata={
            "sessions": sessions.footer.rows,
            "contested_schedids": len(contested),
            "offenders": dg.MetadataValue.table(
                [dg.TableRecord({"schedid": schedid, "versions": str(contested[schedid])}) for schedid in named],
                _schema("schedid", "versions"),
            ),
        },
        partition=str(refreshed.key),
    )


def _schema(*names: str) -> dg.TableSchema:
    return dg.TableSchema(columns=[dg.TableColumn(name, "string") for name in names])
