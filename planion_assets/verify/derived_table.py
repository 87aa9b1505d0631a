"""A stored table that is made from a raw one, against what this code makes of the stored raw table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Content
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.store import Footer, NotStoredError, Provenance, Store, StoreError
from planion_assets.tables.arrow import builder as arrow
from planion_assets.tables.model import Table, Zones
from planion_assets.verify.findings import REPAIR, Found, Kind, cause
from planion_assets.verify.other_table import other_table
from planion_assets.verify.parquet import WholeFile, as_declared, difference, read_whole

_NEXT_REFRESH = "the next refresh makes it anew, or `planion verify --repair`"


@dataclass(slots=True)
class Derived:
    """Tables made anew from one raw table's content; each builder makes all tables of its zones in one pass.

    Tables whose times need no zone are made with `zones`, which are those of most of the others.
    """

    key: ConferenceKey
    content: Content
    tables: tuple[Table, ...]
    zones: Zones
    _builders: dict[str, arrow.Builder] = field(default_factory=dict)

    def builder(self, zones: Zones) -> arrow.Builder:
        """What makes the tables with those zones."""
        if str(zones) not in self._builders:
            self._builders[str(zones)] = arrow.Builder(self.key, self.content.items, zones, self.tables)
        return self._builders[str(zones)]


def verify_derived(
    table: Table, store: Store, derived: Derived, configured: Zones | None, found: Found
) -> Footer | None:
    """Compare the stored table with what is made anew, and note how it differs; its footer where it is right.

    `configured` are the zones of the settings, None for a conference that they do not name.
    """
    path = store.path(table.location, derived.key)
    whole = _read(path, table, found)
    if whole is None:
        return None
    provenance = whole.footer.provenance
    problems = list(whole.problems)
    if provenance is None:
        problems.append("it does not say which snapshot it shows: it was written by another tool")
    elif provenance.snapshot != derived.content.digest:
        problems.append("it shows another snapshot than the raw table")
    elif provenance.fetched_at != derived.content.fetched_at:
        problems.append("it says another instant of reading than the raw table")
    elif provenance.code_version == table.fingerprint:
        problems += _differences(table, whole, derived, provenance)
    elif why := _no_such_table(table, whole.footer, provenance):
        problems.append(why)
    if problems or provenance is None:
        found.add(path, Kind.DAMAGED, "; ".join(problems))
        return None
    if provenance.code_version != table.fingerprint:
        found.add(path, Kind.OUTDATED, "it was made by other code", _NEXT_REFRESH)
        return None
    if table.zoned and configured and provenance.zones != str(configured):
        found.add(path, Kind.OUTDATED, "its times were read in other zones than are configured", _NEXT_REFRESH)
        return None
    return whole.footer


def _no_such_table(table: Table, footer: Footer, provenance: Provenance) -> str | None:
    """Why a file is none of that table whatever code made it; None where it may be."""
    if other := other_table(provenance):
        return other
    more = [name for name in footer.schema.names if name not in {column.name for column in table.columns}]
    if table.public and more:
        return f"it has columns that this code gives nobody but you: {', '.join(more[:3])}"
    return None


def _read(path: Path, table: Table, found: Found) -> WholeFile | None:
    """The whole file; None, which is noted, where it cannot be read. A folder in its place is in the way of a file."""
    try:
        whole = read_whole(path, table)
        found.files += 1
        return whole
    except NotStoredError:
        found.add(path, Kind.MISSING, "it is not there, though the raw table is", REPAIR)
    except StoreError as error:
        found.add(path, Kind.DAMAGED, cause(error, path), aside=path.is_dir())
    except OSError as error:
        found.add(path, Kind.DAMAGED, refusal(error))
    return None


def zones_of(provenance: Provenance) -> Zones | None:
    """The zones that a file says its times were read in; None where it names none that exist."""
    names = provenance.zones.split(" ")
    if len(names) != 2:
        return None
    try:
        for name in names:
            if name != "-":
                ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    feed, venue = names
    return Zones(feed, None if venue == "-" else venue)


def stored_zones(footers: Mapping[str, Footer]) -> Zones | None:
    """The zones that the first file which tells was read with; None where none does."""
    told = (zones_of(footer.provenance) for footer in footers.values() if footer.provenance)
    return next((zones for zones in told if zones), None)


def _differences(table: Table, whole: WholeFile, derived: Derived, provenance: Provenance) -> list[str]:
    zones = zones_of(provenance) if table.zoned else derived.zones
    if zones is None or (not table.zoned and provenance.zones):
        return ["it names zones that its times cannot have been read in"]
    if not as_declared(whole.footer.schema, table):
        return ["it has other columns, types or descriptions than this code gives it"]
    pieces, unreadable = derived.builder(zones).pieces(table)
    differs = difference(whole.rows, pieces)
    problems = [differs] if differs else []
    if whole.footer.unreadable != arrow.unreadable_json(unreadable):
        problems.append("it tells of other unreadable values than it has")
    return problems
