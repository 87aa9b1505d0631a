"""The catalog: every table of the project, in the order they are built, and the history of their changes.

Assets, column schemas, lineage and tests are derived from `ASSETS`; a table that is not here does not exist, but for
those of endpoints that only the settings name (`assets_of`).
"""

from collections.abc import Iterable

from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets.tables.conferences import CONFERENCES
from planion_assets.tables.endpoint_tables import endpoint_tables
from planion_assets.tables.model import History, Table, TableSpec
from planion_assets.tables.published_changes import PUBLISHED_CHANGES
from planion_assets.tables.published_conferences import PUBLISHED_CONFERENCES
from planion_assets.tables.published_session_credits import PUBLISHED_SESSION_CREDITS
from planion_assets.tables.published_session_custom_fields import PUBLISHED_SESSION_CUSTOM_FIELDS
from planion_assets.tables.published_session_learning_objectives import PUBLISHED_SESSION_LEARNING_OBJECTIVES
from planion_assets.tables.published_session_speakers import PUBLISHED_SESSION_SPEAKERS
from planion_assets.tables.published_session_tracks import PUBLISHED_SESSION_TRACKS
from planion_assets.tables.published_sessions import PUBLISHED_SESSIONS
from planion_assets.tables.published_speaker_resources import PUBLISHED_SPEAKER_RESOURCES
from planion_assets.tables.published_speakers import PUBLISHED_SPEAKERS
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.raw_speakers import RAW_SPEAKERS
from planion_assets.tables.rejected_items import REJECTED_ITEMS
from planion_assets.tables.rejected_people import REJECTED_PEOPLE
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.tables.session_credits import SESSION_CREDITS
from planion_assets.tables.session_custom_fields import SESSION_CUSTOM_FIELDS
from planion_assets.tables.session_learning_objectives import SESSION_LEARNING_OBJECTIVES
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.session_tracks import SESSION_TRACKS
from planion_assets.tables.sessions import SESSIONS
from planion_assets.tables.speaker_changes import SPEAKER_CHANGES
from planion_assets.tables.speaker_resources import SPEAKER_RESOURCES
from planion_assets.tables.speakers import SPEAKERS

TABLES: tuple[Table, ...] = (
    RAW_SESSIONS,
    SESSIONS,
    SESSION_SPEAKERS,
    SESSION_TRACKS,
    SESSION_CREDITS,
    SESSION_CUSTOM_FIELDS,
    SESSION_LEARNING_OBJECTIVES,
    SPEAKER_RESOURCES,
    REJECTED_ITEMS,
    RAW_SPEAKERS,
    SPEAKERS,
    REJECTED_PEOPLE,
    PUBLISHED_SESSIONS,
    PUBLISHED_SESSION_SPEAKERS,
    PUBLISHED_SESSION_TRACKS,
    PUBLISHED_SESSION_CREDITS,
    PUBLISHED_SESSION_CUSTOM_FIELDS,
    PUBLISHED_SESSION_LEARNING_OBJECTIVES,
    PUBLISHED_SPEAKER_RESOURCES,
    PUBLISHED_SPEAKERS,
)
HISTORIES: tuple[History, ...] = (SESSION_CHANGES, SPEAKER_CHANGES, PUBLISHED_CHANGES)
ASSETS: tuple[TableSpec, ...] = (*TABLES, *HISTORIES)

# Of all conferences together, one file each; made from the stored tables and not from the items of a conference.
OVERVIEWS: tuple[TableSpec, ...] = (CONFERENCES, PUBLISHED_CONFERENCES, CONFERENCE_STATUS)


_RAW_TABLES = {table.endpoint: table for table in TABLES if not table.upstream}


def raw_table(endpoint: str) -> Table:
    """The table that holds an endpoint's items as they came."""
    return _RAW_TABLES.get(endpoint) or endpoint_tables(endpoint)[0]


def tables_of(endpoints: Iterable[str]) -> tuple[Table, ...]:
    """The tables, and those of each of the endpoints that has none among them, raw ones first.

    Of endpoints whose tables have one name the first counts: a stored one is known by that name alone.
    """
    others = (endpoint_tables(endpoint) for endpoint in endpoints if endpoint not in _RAW_TABLES)
    found: dict[str, Table] = {}
    for tables in others:
        for declared in tables:
            found.setdefault(declared.name, declared)
    return (*TABLES, *found.values())


def assets_of(endpoints: Iterable[str]) -> tuple[TableSpec, ...]:
    """All that is an asset of a conference where those endpoints are read: `ASSETS` first."""
    return (*ASSETS, *tables_of(endpoints)[len(TABLES) :])


def upstream_of(declared: TableSpec) -> list[Table]:
    """The tables that one is made from, in their order."""
    raw = raw_table(declared.endpoint) if isinstance(declared, Table) else None
    return [raw if raw and raw.name == name else table(name) for name in declared.upstream]


def location_of(name: str) -> str:
    """The folder of a table below the data directory; that of a table which is not in the catalog is its name."""
    return next((declared.location for declared in (*ASSETS, *OVERVIEWS) if declared.name == name), name)


def table(name: str) -> Table:
    """The table of that name; raises KeyError naming those that exist."""
    for candidate in TABLES:
        if candidate.name == name:
            return candidate
    raise KeyError(f"there is no table {name!r}, only {', '.join(candidate.name for candidate in TABLES)}")
