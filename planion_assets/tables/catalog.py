"""The catalog: every table of the project, in the order they are made.

Assets, column schemas, lineage and tests are derived from `TABLES`; a table that is not here does not exist.
"""

from planion_assets.tables.model import Table
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.rejected_items import REJECTED_ITEMS
from planion_assets.tables.session_credits import SESSION_CREDITS
from planion_assets.tables.session_custom_fields import SESSION_CUSTOM_FIELDS
from planion_assets.tables.session_learning_objectives import SESSION_LEARNING_OBJECTIVES
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.session_tracks import SESSION_TRACKS
from planion_assets.tables.sessions import SESSIONS
from planion_assets.tables.speaker_resources import SPEAKER_RESOURCES

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
)


def table(name: str) -> Table:
    """The table of that name; raises KeyError naming those that exist."""
    for candidate in TABLES:
        if candidate.name == name:
            return candidate
    raise KeyError(f"there is no table {name!r}, only {', '.join(candidate.name for candidate in TABLES)}")
