"""Verifies all stored files of one conference: which are right, which can be derived again, which only the feed has.

Reads and never writes. The caller holds the lock of the conference, so that all files are of one refresh.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from planion_assets.feed.endpoints import SESSIONS
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Content
from planion_assets.refresh.stored_people import NOBODY, PeopleSnapshot, stored_people
from planion_assets.storage.file_names import table_file
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.store import (
    Footer,
    LogPart,
    NotStoredError,
    Provenance,
    Store,
    StoredConference,
    StoreError,
)
from planion_assets.tables.catalog import HISTORIES, TABLES, raw_table
from planion_assets.tables.model import Table, Zones
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.verify.change_log_files import ChangeLogFiles
from planion_assets.verify.derived_table import Derived, stored_publication, stored_zones, verify_derived
from planion_assets.verify.findings import CONFIGURE, REREAD, SET_ASIDE, FindingKind, Found
from planion_assets.verify.folders import verify_note
from planion_assets.verify.raw_table import RawTable, verify_raw
from planion_assets.verify.whole_file import read_whole


@dataclass(slots=True)
class Inspection:
    """What is stored of a conference.

    `configured` is what the settings say of it, None for one that they do not name. `tables` are those that it may
    have, raw ones before those derived from them. `logs` has the change logs by name, `contents` by endpoint the items
    that the raw table proves, `right` by name the footers of the tables that need no writing. `reread` says that the
    feed must be read, since a table is lost.
    """

    key: ConferenceKey
    store: Store
    configured: RefreshOptions | None
    tables: Sequence[Table] = TABLES
    found: Found = field(default_factory=Found)
    footers: dict[str, Footer] = field(default_factory=dict)
    logs: dict[str, ChangeLogFiles] = field(default_factory=dict)
    contents: dict[str, Content] = field(default_factory=dict)
    right: dict[str, Footer] = field(default_factory=dict)
    reread: bool = False

    @property
    def parts(self) -> list[LogPart]:
        """The files of `session_changes` that are right."""
        return self.logs[SESSION_CHANGES.name].parts

    @property
    def endpoints(self) -> Sequence[str]:
        """The endpoints whose tables it may have, the sessions first."""
        return list(dict.fromkeys(table.endpoint for table in self.tables))

    @property
    def options(self) -> RefreshOptions:
        """How tables are derived: as configured, else as the stored files say."""
        if self.configured:
            return self.configured
        zones = stored_zones(self.footers) or Zones()
        return RefreshOptions(zones, tuple(self.endpoints), publication=stored_publication(self.footers))

    @property
    def people(self) -> PeopleSnapshot:
        """The people that tables are joined with, chosen as a refresh does."""
        for people in stored_people(StoredConference(self.store, self.key), self.options.endpoints):
            with contextlib.suppress(StoreError, OSError):  # noted where the file is verified
                return people.read()
        return NOBODY

    @property
    def remedy(self) -> str:
        """What to do about a raw table that is lost."""
        return CONFIGURE if self.configured is None else REREAD


def inspect(
    key: ConferenceKey, store: Store, configured: RefreshOptions | None, tables: Sequence[Table] = TABLES
) -> Inspection:
    """Look at every file of a conference, which may have these tables."""
    seen = Inspection(key, store, configured, tables)
    for table in tables:
        with contextlib.suppress(StoreError, OSError):  # noted where the table is verified
            seen.footers[table.name] = store.footer(table.location, key)
    for history in HISTORIES:
        seen.logs[history.name] = ChangeLogFiles(history, key, store, seen.found)
        seen.logs[history.name].verify()
    for name in seen.endpoints:
        derived = [table for table in tables if table.endpoint == name and table.upstream]
        _inspect_endpoint(seen, raw_table(name), derived)
    for log in seen.logs.values():
        log.verify_states(seen.right)
    verify_note(store.files, store.note_file(key), lambda: store.last_read(key) != LastRead(), "refresh", seen.found)
    return seen


def _inspect_endpoint(seen: Inspection, raw: Table, derived: Sequence[Table]) -> None:
    stored = [table for table in derived if seen.store.files.exists(table_file(table.location, seen.key))]
    try:
        proven = verify_raw(seen.key, raw, seen.store, seen.found, seen.remedy, known=seen.tables)
    except NotStoredError:
        if stored or (raw.endpoint == SESSIONS.name and seen.parts):
            _inspect_without_raw(seen, raw, stored)
        return
    if proven.provenance and (why := _why_former(seen, proven.provenance, stored)):
        name = table_file(raw.location, seen.key)
        seen.found.findings = [finding for finding in seen.found.findings if finding.name != name]
        seen.found.add(name, FindingKind.DAMAGED, why, seen.remedy, set_aside=True)
        proven = RawTable()
    if proven.content is None:
        seen.reread = seen.reread or proven.provenance is None
        _inspect_unproven(seen, derived)
        return
    seen.contents[raw.endpoint] = proven.content
    if proven.is_right:
        seen.right[raw.name] = seen.footers[raw.name]
    zones = stored_zones(seen.footers) or seen.options.zones
    again = Derived(seen.key, proven.content, tuple(derived), zones, seen.people, seen.tables)
    for table in derived:
        if footer := verify_derived(table, seen.store, again, seen.configured, seen.found):
            seen.right[table.name] = footer
    if raw.endpoint == SESSIONS.name:
        seen.logs[SESSION_CHANGES.name].verify_end(proven.content.digest)


def _why_former(seen: Inspection, raw: Provenance, stored: Sequence[Table]) -> str | None:
    """Why the raw table is an older one than was stored last; None where it is not. It is written before all others."""
    parts = seen.parts if SESSIONS.name in {table.endpoint for table in stored} else []
    passed = {state["snapshot"] for note in seen.logs[SESSION_CHANGES.name].steps for state in note.states.values()}
    is_passed = raw.snapshot in passed or any(part.leads_to(raw.snapshot) for part in parts)
    if parts and not parts[-1].leads_to(raw.snapshot) and is_passed:
        return "it holds a former snapshot, after which changes are recorded"
    provenances = {table: seen.footers[table.name].provenance for table in stored if table.name in seen.footers}
    newer = [
        one.snapshot
        for table, one in provenances.items()
        if one
        and one.snapshot != raw.snapshot
        and one.fetched_at > raw.fetched_at
        and not _has_foreign_rows(seen, table)  # another conference's file says nothing of this one
    ]
    if len(newer) * 2 > len(provenances) and len(set(newer)) == 1:
        return "it holds a former snapshot: the tables made from it show a newer one"
    return None


def _inspect_without_raw(seen: Inspection, raw: Table, stored: Sequence[Table]) -> None:
    """Look at tables without their raw table; one with rows of another conference is a copy of its file."""
    foreign = [table for table in stored if _is_foreign(seen, table)]
    for table in foreign:
        name = table_file(table.location, seen.key)
        problem = "it holds no row of the conference of its name"
        seen.found.add(name, FindingKind.FOREIGN, problem, SET_ASIDE, set_aside=True)
    if len(foreign) < len(stored) or (raw.endpoint == SESSIONS.name and seen.parts):
        remedy = CONFIGURE if seen.configured is None else "`planion verify --repair` reads the feed for it"
        problem = "it is not there, and nothing else proves the tables made from it"
        seen.found.add(table_file(raw.location, seen.key), FindingKind.MISSING, problem, remedy)
        _inspect_unproven(seen, [table for table in stored if table not in foreign])
        seen.reread = True


def _is_foreign(seen: Inspection, table: Table) -> bool:
    footer = seen.footers.get(table.name)
    if footer and not footer.rows and seen.configured is None:
        return True  # only the name of an empty file says that there is such a conference
    return _has_foreign_rows(seen, table)


def _has_foreign_rows(seen: Inspection, table: Table) -> bool:
    """Whether a table has rows of another conference; not where it cannot be read."""
    own = asdict(seen.key)
    try:
        rows = seen.store.read(table.location, seen.key, columns=list(own))
    except (StoreError, OSError):
        return False
    return any(set(rows[name].to_pylist()) - {value} for name, value in own.items() if name in rows.column_names)


def _inspect_unproven(seen: Inspection, tables: Sequence[Table]) -> None:
    """Read tables that there is nothing to compare with; for a damaged one the feed must be read."""
    for table in tables:
        name = table_file(table.location, seen.key)
        try:
            _, problems = read_whole(seen.store.files, name, table, seen.found)
        except NotStoredError:
            continue
        if _has_foreign_rows(seen, table):  # the refresh would compare the feed's rows with those
            problems = ["it holds rows of another conference"]
        if problems:
            seen.found.add(name, FindingKind.DAMAGED, "; ".join(problems), seen.remedy, set_aside=True)
            seen.reread = True
