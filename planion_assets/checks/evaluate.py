"""From a refreshed conference to the results of its checks."""

from collections.abc import Collection, Iterator

import dagster as dg

from planion_assets.checks.specs import LINKS_HAVE_PERSON
from planion_assets.outcomes import Refreshed
from planion_assets.tables.quality import links_without_person

OFFENDERS = 10


def evaluations(refreshed: Refreshed, selected: Collection[dg.AssetCheckKey]) -> Iterator[dg.AssetCheckEvaluation]:
    """The results of the selected checks for one conference; none of a check whose tables were not refreshed."""
    links, people = refreshed.stored("session_speakers"), refreshed.stored("speakers")
    if LINKS_HAVE_PERSON.key in selected and links and people:
        orphans = links_without_person(links.data, people.data)
        shown = [dg.TableRecord({"schedid": o.schedid, "pslinkid": o.pslinkid, "pid": o.pid}) for o in orphans]
        yield dg.AssetCheckEvaluation(
            asset_key=LINKS_HAVE_PERSON.asset_key,
            check_name=LINKS_HAVE_PERSON.name,
            passed=not orphans,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"{len(orphans)} of {links.footer.rows} links name a person that the feed does not list",
            metadata={
                "links": links.footer.rows,
                "links_without_person": len(orphans),
                "offenders": dg.MetadataValue.table(shown[:OFFENDERS], _SCHEMA),
            },
            partition=str(refreshed.key),
        )


_SCHEMA = dg.TableSchema(columns=[dg.TableColumn(name, "string") for name in ("schedid", "pslinkid", "pid")])
