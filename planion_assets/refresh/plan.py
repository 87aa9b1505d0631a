"""Which stored tables show a snapshot already, and which are to be built of it. Writes nothing."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Content
from planion_assets.refresh.shrink import rows_at_risk
from planion_assets.refresh.stored_people import NOBODY, PeopleSnapshot, stored_people
from planion_assets.storage.file_names import table_file
from planion_assets.storage.store import Footer, Provenance, StoredConference, StoreError, SupersededError, Writer
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.model import Table
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.raw_speakers import RAW_SPEAKERS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefreshPlan:
    """What to do with each selected table of one endpoint of a conference.

    `raw` is the raw table where it is wanted, `derived` are the others, public ones first: if the disk refuses a later
    file, people who are no longer published are gone from the public tables already. `provenances` has by table what
    its file says of where it comes from, `current` the footer of each stored file that says so already. `at_risk` has
    the number of stored rows of each table whose loss the options limit. `later` are the tables of the conference that
    this refresh writes for the first time with another plan.
    """

    key: ConferenceKey
    content: Content
    options: RefreshOptions
    people: PeopleSnapshot
    raw: Sequence[Table]
    derived: Sequence[Table]
    provenances: Mapping[str, Provenance] = field(repr=False)
    current: Mapping[str, Footer] = field(repr=False)
    at_risk: Mapping[str, int]
    later: Collection[Table] = ()

    @property
    def to_build(self) -> list[Table]:
        """The tables whose files are to be built, in the order in which they are published."""
        return [table for table in (*self.raw, *self.derived) if table.name not in self.current]


def read_footers(tables: Sequence[Table], stored: StoredConference) -> dict[str, Footer]:
    """By name the footer of each stored table that has the columns that are declared. Raises OSError."""
    found: dict[str, Footer] = {}
    for table in tables:
        footer = stored.readable_footer(table.location)
        if footer and footer.has_schema(schema_of(table)):
            found[table.name] = footer
    return found


def after_people(tables: Sequence[Table], writer: Writer, endpoints: Collection[str]) -> list[Table]:
    """The tables that show people, where neither is stored and both are read: they are written once, with them."""
    reads = RAW_SESSIONS in tables and RAW_SPEAKERS in tables and RAW_SPEAKERS.endpoint in endpoints
    later = [table for table in tables if table.shows_people] if reads else []
    if any(read_footers([table], writer) for table in (RAW_SPEAKERS, *later)):
        return []
    names = (table_file(table.location, writer.key) for table in later)
    return [] if any(map(writer.store.files.exists, names)) else later


def plan_refresh(
    wanted: Sequence[Table],
    content: Content,
    stored: StoredConference,
    options: RefreshOptions,
    *,
    footers: Mapping[str, Footer],
    later: Collection[Table] = (),
) -> RefreshPlan:
    """Compare the wanted tables of an endpoint with the content; `footers` are those of the files that may stay.

    Of the stored people the plan has the first whose rows can be read. Where no file needs them they are not read.
    """
    show_people = {table.name for table in wanted if table.shows_people}
    for source in stored_people(stored, options.endpoints) if show_people else (NOBODY,):
        snapshot = content.digest, content.fetched_at
        provenances = {table.name: provenance_of(table, *snapshot, options, source) for table in wanted}
        current = {name: footer for name, footer in footers.items() if footer.provenance == provenances.get(name)}
        try:
            people = source if show_people <= current.keys() else source.read()
            break
        except SupersededError:
            raise
        except (StoreError, OSError) as error:
            logger.warning("%s: %s", stored.key, error)
    else:
        raise ValueError("nobody can always be read")
    stale = [table for table in wanted if table.name not in current]
    derived = [table for table in wanted if table.upstream]
    return RefreshPlan(
        stored.key,
        content,
        options,
        people,
        raw=[table for table in wanted if not table.upstream],
        derived=[*(table for table in derived if table.public), *(table for table in derived if not table.public)],
        provenances=provenances,
        current=current,
        at_risk=rows_at_risk(content, stale, stored, options),
        later=later,
    )


def provenance_of(
    table: Table, digest: str, fetched_at: datetime, options: RefreshOptions, people: PeopleSnapshot = NOBODY
) -> Provenance:
    """The provenance that this code gives to a table's file when it builds it from that snapshot with these people."""
    zones, publication = str(options.zones) if table.zoned else "", str(options.publication) if table.public else ""
    people_digest = people.digest if table.shows_people else ""
    return Provenance(digest, fetched_at, table.fingerprint, zones, publication, people_digest)
