"""The tables `conferences` and `published_conferences`: what each conference is, from the footers of its files.

No row of any file is read. How a conference fares is in `survey.py`.
"""

from datetime import UTC
from typing import Any

from planion_assets.config import Config, NotConfiguredError
from planion_assets.keys import ConferenceKey
from planion_assets.storage.store import StoredConference, StoreError
from planion_assets.tables.model import Table
from planion_assets.tables.published_session_speakers import PUBLISHED_SESSION_SPEAKERS
from planion_assets.tables.published_sessions import PUBLISHED_SESSIONS
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS
from planion_assets.tables.speakers import SPEAKERS

_UPDATED, _DAYS = "session_updated_at", ("start_date", "end_date")
_EXTENT = ("sessions", "first_day", "last_day", "newest_session_updated_at", "last_change_at")


def conference_row(settings: Config, stored: StoredConference) -> dict[str, Any]:
    """The row of `conferences`."""
    return {
        **_identity(settings, stored.key),
        **_extent(stored, SESSIONS),
        "published_sessions": _extent(stored, PUBLISHED_SESSIONS)["sessions"],
        "links": _rows(stored, SESSION_SPEAKERS),
        "published_links": _rows(stored, PUBLISHED_SESSION_SPEAKERS),
        "people": _rows(stored, SPEAKERS),
    }


def published_row(settings: Config, stored: StoredConference) -> dict[str, Any] | None:
    """The row of `published_conferences`, made of public files alone; None where nothing is published."""
    extent = _extent(stored, PUBLISHED_SESSIONS)
    if not extent["sessions"]:
        return None
    return {**_identity(settings, stored.key), **extent, "links": _rows(stored, PUBLISHED_SESSION_SPEAKERS)}


def _identity(settings: Config, key: ConferenceKey) -> dict[str, Any]:
    try:
        zone = settings.conference(key).timezone
    except NotConfiguredError:
        zone = None
    return {"account": key.account, "conference": key.conference, "name": key.conference, "timezone": zone}


def _extent(stored: StoredConference, table: Table) -> dict[str, Any]:
    """How many sessions a table has, their first and last day, their newest update, and when they were first read.

    All are from its footer, and null where there is no such file or none that can be read.
    """
    try:
        statistics = stored.statistics(table.location)
        found = statistics.min_max((_UPDATED, *_DAYS))
    except (StoreError, OSError):
        return dict.fromkeys(_EXTENT)
    days = [day.date() for name in _DAYS for day in found[name] or ()]
    newest, provenance = found[_UPDATED], statistics.footer.provenance
    return {
        "sessions": statistics.footer.rows,
        "first_day": min(days, default=None),
        "last_day": max(days, default=None),
        "newest_session_updated_at": newest[1].astimezone(UTC) if newest else None,
        "last_change_at": provenance.fetched_at if provenance else None,
    }


def _rows(stored: StoredConference, table: Table) -> int | None:
    try:
        return stored.footer(table.location).rows
    except (StoreError, OSError):
        return None
