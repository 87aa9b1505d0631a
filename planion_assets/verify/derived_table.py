"""Verifies a stored table that is derived from a raw one, against what this code derives from that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Content
from planion_assets.refresh.stored_people import NOBODY, PeopleSnapshot
from planion_assets.storage.file_names import table_file
from planion_assets.storage.store import Footer, NotStoredError, Provenance, Store
from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.arrow.unreadable import unreadable_json
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Publication, Table, Zones
from planion_assets.verify.findings import NEXT_REFRESH, REPAIR, FindingKind, Found
from planion_assets.verify.whole_file import WholeFile, as_declared, difference, read_whole


@dataclass(slots=True)
class Derived:
    """Derives the tables of one raw table's content again; a builder derives all tables of its settings in one pass.

    `zones` are those of most tables, which the tables without times are derived with too. `known` are all tables that
    the conference may have: a file may be in the place of another's.
    """

    key: ConferenceKey
    content: Content
    tables: tuple[Table, ...]
    zones: Zones
    people: PeopleSnapshot = NOBODY
    known: Sequence[Table] = TABLES
    _builders: dict[str, Builder] = field(default_factory=dict)

    def builder(self, zones: Zones, publication: Publication) -> Builder:
        """The builder with those settings."""
        name = f"{zones} {publication}"
        if name not in self._builders:
            people = self.people.rows() if any(table.shows_people for table in self.tables) else None
            self._builders[name] = Builder(self.key, self.content.items, zones, self.tables, publication, people=people)
        return self._builders[name]


def verify_derived(
    table: Table, store: Store, derived: Derived, configured: RefreshOptions | None, found: Found
) -> Footer | None:
    """Compare a stored table with what is derived again, and note how it differs. Returns its footer if it is right.

    `configured` is what the settings say of the conference, None for one that they do not name.
    """
    name = table_file(table.location, derived.key)
    try:
        whole, problems = read_whole(store.files, name, table, found)
    except NotStoredError:
        found.add(name, FindingKind.MISSING, "it is not there, though the raw table is", REPAIR)
        return None
    provenance = whole.footer.provenance if whole else None
    if whole and provenance is None:
        problems.append("it does not say which snapshot it shows: it was written by another tool")
    elif whole and provenance:
        problems += _problems(table, whole, provenance, derived)
    if problems or whole is None or provenance is None:
        is_folder = name in store.files.folders(name.rpartition("/")[0])
        found.add(name, FindingKind.DAMAGED, "; ".join(problems), set_aside=is_folder)
        return None
    if why := _why_outdated(table, provenance, derived, configured):
        found.add(name, FindingKind.OUTDATED, why, f"{NEXT_REFRESH}, or `planion verify --repair`")
        return None
    return whole.footer


def _why_outdated(
    table: Table, provenance: Provenance, derived: Derived, configured: RefreshOptions | None
) -> str | None:
    """Why a file that is right is not what a refresh would make; None where it is."""
    if provenance.code_version != table.fingerprint:
        return "it was made by other code"
    if table.zoned and configured and provenance.zones != str(configured.zones):
        return "its times were read in other zones than are configured"
    if table.public and configured and provenance.publication != str(configured.publication):
        return "it hands out by other settings than are configured"
    if provenance.people != (derived.people.digest if table.shows_people else ""):
        return "it shows other people than are stored"
    return None


def differences(table: Table, whole: WholeFile, builder: Builder) -> list[str]:
    """How a file differs from what this code derives from the content, in words for a person."""
    if not as_declared(whole.rows.schema, table):
        return ["it has other columns or types than this code gives it"]
    pieces, unreadable = builder.pieces(table)
    differs = difference(whole.rows, pieces)
    problems = [differs] if differs else []
    if whole.footer.unreadable != unreadable_json(unreadable):
        problems.append("it tells of other unreadable values than it has")
    return problems


def other_table(provenance: Provenance, known: Sequence[Table]) -> str | None:
    """Which of the `known` tables a file is, by the fingerprint in its footer, in words for a person; None for none."""
    return next(
        (f"it is the table {table.name}" for table in known if table.fingerprint == provenance.code_version), None
    )


def stored_zones(footers: Mapping[str, Footer]) -> Zones | None:
    """The zones of the first footer that names some; None where none does."""
    named = (_zones_of(footer.provenance) for footer in footers.values() if footer.provenance)
    return next((zones for zones in named if zones), None)


def stored_publication(footers: Mapping[str, Footer]) -> Publication:
    """What the first public footer says that is handed out; the default where none says it."""
    named = (footer.provenance for footer in footers.values() if footer.provenance and footer.provenance.publication)
    return next(filter(None, map(_publication_of, named)), Publication())


def _problems(table: Table, whole: WholeFile, provenance: Provenance, derived: Derived) -> list[str]:
    if provenance.snapshot != derived.content.digest:
        return ["it shows another snapshot than the raw table"]
    if provenance.fetched_at != derived.content.fetched_at:
        return ["it says another instant of reading than the raw table"]
    if provenance.code_version == table.fingerprint:
        zones = _zones_of(provenance) if table.zoned else derived.zones
        if zones is None or (not table.zoned and provenance.zones):
            return ["it names zones that its times cannot have been read in"]
        publication = _publication_of(provenance) if table.public else Publication()
        if publication is None or (not table.public and provenance.publication):
            return ["it names settings of what is handed out that cannot be"]
        # What shows other people than are stored cannot be compared with anything.
        is_comparable = not table.shows_people or provenance.people == derived.people.digest
        return differences(table, whole, derived.builder(zones, publication)) if is_comparable else []
    other = other_table(provenance, derived.known)
    more = [name for name in whole.rows.schema.names if name not in {column.name for column in table.columns}]
    if not other and table.public and more:
        other = f"it has columns that this code gives nobody but you: {', '.join(more[:3])}"
    return [other] if other else []


def _zones_of(provenance: Provenance) -> Zones | None:
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


def _publication_of(provenance: Provenance) -> Publication | None:
    """What a public file says that it hands out; None where it says what no settings are."""
    try:
        return Publication.of_text(provenance.publication)
    except ValueError:
        return None
