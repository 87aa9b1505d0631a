"""The tables of a conference as they were at an instant, by undoing what its change logs have recorded since.

Public tables are derived from those by this code.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pyarrow as pa

from planion_assets.feed.endpoints import ENDPOINTS
from planion_assets.guide import Heading
from planion_assets.refresh.change_log import RAW_TABLES
from planion_assets.refresh.log_reading import read_patiently, steps_backwards
from planion_assets.refresh.step_notes import BEGUN, StepNote, state_of
from planion_assets.storage.parquet_file import provenance_in
from planion_assets.storage.store import LogPart, NotStoredError, Provenance, StoredConference, StoreError
from planion_assets.tables.arrow.arrays import empty_table
from planion_assets.tables.arrow.parts import part_of
from planion_assets.tables.arrow.replay import MisfitError, undone
from planion_assets.tables.arrow.row_text import spelled_rows, table_of
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import HISTORIES, TABLES, table
from planion_assets.tables.model import PEOPLE, History, Publication, Table, Tracked
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.speakers import SPEAKERS


class UnknownStateError(StoreError):
    """It is not known what a table was at an instant; the message says why."""

    heading = Heading.UNKNOWN_STATE


class _BeforeLogError(UnknownStateError):
    """A change log begins after the instant."""


@dataclass(frozen=True, slots=True)
class FormerTable:
    """A table as it was, and where it came from then."""

    table: Table
    rows: pa.Table
    provenance: Provenance


def tables_as_of(
    stored: StoredConference, at: datetime, publication: Publication, endpoints: Collection[str] = tuple(ENDPOINTS)
) -> list[FormerTable]:
    """The tables of a conference at an instant (UTC) that change logs track, and the public ones derived from them.

    Those show people if the account's `endpoints` name the Speakers method.

    Raises `UnknownStateError`, `NotStoredError` where the conference has no change log or a table is missing, and
    `UnreadableFileError`.
    """
    return read_patiently(lambda: _tables_as_of(stored, at, publication, endpoints))


def _tables_as_of(
    stored: StoredConference, at: datetime, publication: Publication, endpoints: Collection[str]
) -> list[FormerTable]:
    found: dict[str, FormerTable] = {}
    for history in HISTORIES:
        parts = stored.store.log_parts(history.location, stored.key)
        if history.public or (not parts and history.name != "session_changes"):
            continue
        if not parts:
            address = stored.store.log_address(history.location, stored.key)
            raise NotStoredError(f"no {history.name} of {stored.key} is stored at {address}: nothing can be undone")
        try:
            found |= {one.table: _former(stored, history, one, parts, at) for one in history.tracked}
        except _BeforeLogError:
            if RAW_TABLES[history.name] == RAW_SESSIONS:
                raise
    return [*found.values(), *_public_tables(stored, found, publication, endpoints)]


def _public_tables(
    stored: StoredConference, found: Mapping[str, FormerTable], publication: Publication, endpoints: Collection[str]
) -> Iterator[FormerTable]:
    """Those that are derived from the tables found; without people where these were not read then, or are not now."""
    people = found.get(PEOPLE) if SPEAKERS.endpoint in endpoints else None
    nobody = {PEOPLE: empty_table(schema_of(SPEAKERS))}
    upstream = {name: one.rows for name, one in found.items()} | ({} if people else nobody)
    for public in (one for one in TABLES if one.public and set(one.upstream) <= set(upstream)):
        try:
            rows = part_of(public, stored.key, upstream, publication)
        except KeyError:
            continue  # its sources had other columns then
        sources = (found[name].provenance for name in public.upstream if name != PEOPLE)
        newest = max(sources, key=lambda one: one.fetched_at)
        people_digest = people.provenance.snapshot if people and public.shows_people else ""
        settings = newest.zones, str(publication), people_digest
        yield FormerTable(public, rows, Provenance(newest.snapshot, newest.fetched_at, public.fingerprint, *settings))


def _former(
    stored: StoredConference, history: History, tracked: Tracked, parts: Sequence[LogPart], at: datetime
) -> FormerTable:
    declared = table(tracked.table)
    data = stored.read(declared.location)
    state = state_of(provenance_in(data.schema.metadata or {}))
    rows, schema = spelled_rows(data), data.schema
    later: StepNote | None = None
    is_reached = False
    for note, changes in steps_backwards(stored, history, parts):
        if note is None:
            break  # a file of older code does not say to which states it leads
        is_reached = is_reached or note.states.get(tracked.table) == state
        if is_reached and later and later.sequence != note.sequence + 1:
            raise UnknownStateError(
                f"changes {note.sequence + 1} to {later.sequence - 1} of {history.name} of {stored.key} are lost: its "
                f"tables can be told of since {_written(later.detected_at)}"
            )
        later = note
        if is_reached and note.detected_at <= at:
            former = table_of(rows, schema.remove_metadata(), declared.key, asdict(stored.key))
            return FormerTable(declared, former, _provenance(note, tracked.table))
        if note.cause == BEGUN:
            break
        if is_reached:
            try:
                rows = undone(tracked, rows, changes)
            except MisfitError as error:
                raise UnknownStateError(f"{history.name} of {stored.key}: {error}; run `planion verify`") from error
            restated = note.restated.get(tracked.table)
            schema = restated.schemas[0] if restated and restated.schemas else schema
    if later is None or not is_reached:
        raise UnknownStateError(f"{history.name} of {stored.key} does not tell of the stored {tracked.table}: refresh")
    kind = _BeforeLogError if later.sequence == 0 else UnknownStateError
    raise kind(
        f"{history.name} of {stored.key} tells of its tables since {_written(later.detected_at)}, and {_written(at)} "
        "is before that"
    )


def _provenance(note: StepNote, name: str) -> Provenance:
    then = note.states[name]
    known = {field: then.get(field, "") for field in ("snapshot", "code_version", "zones", "publication")}
    return Provenance(fetched_at=note.detected_at, **known)


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
