"""The tables `conferences` and `published_conferences`: what each conference is, from the footers of its files.

No row of any file is read. How a conference fares is in `survey.py`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
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


@dataclass(frozen=True, slots=True)
class Extent:
    """How many sessions a table holds, on which days, and when the newest was updated; None where none says."""

    sessions: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    newest: datetime | None = None
    change: datetime | None = None
    """When the content was first read from the feed."""


def conference_row(settings: Config, stored: StoredConference) -> dict[str, Any]:
    """The row of `conferences`."""
    extent, published = _extent(stored, SESSIONS), _extent(stored, PUBLISHED_SESSIONS)
    return {
        **_identity(settings, stored.key),
        "first_day": extent.first_day,
        "last_day": extent.last_day,
        "sessions": extent.sessions,
        "published_sessions": published.sessions,
        "links": _rows(stored, SESSION_SPEAKERS),
        "published_links": _rows(stored, PUBLISHED_SESSION_SPEAKERS),
        "people": _rows(stored, SPEAKERS),
        "newest_session_updated_at": extent.newest,
        "last_change_at": extent.change,
    }


def published_row(settings: Config, stored: StoredConference) -> dict[str, Any] | None:
    """The row of `published_conferences`, made of public files alone; None where nothing is published."""
    extent = _extent(stored, PUBLISHED_SESSIONS)
    if not extent.sessions:
        return None
    return {
        **_identity(settings, stored.key),
        "first_day": extent.first_day,
        "last_day": extent.last_day,
        "sessions": extent.sessions,
        "links": _rows(stored, PUBLISHED_SESSION_SPEAKERS),
        "newest_session_updated_at": extent.newest,
    }


def _identity(settings: Config, key: ConferenceKey) -> dict[str, Any]:
    try:
        zone = settings.conference(key).timezone
    except NotConfiguredError:
        zone = None
    return {"account": key.account, "conference": key.conference, "name": key.conference, "timezone": zone}


def _extent(stored: StoredConference, table: Table) -> Extent:
    """What the footer of a table of sessions tells; nothing where there is no such file, or none that can be read."""
    try:
        told = stored.statistics(table.location)
        footer, found = told.footer, told.min_max((_UPDATED, *_DAYS))
    except (StoreError, OSError):
        return Extent()
    days = [day.date() for name in _DAYS for day in found[name] or ()]
    newest = found[_UPDATED]
    return Extent(
        footer.rows,
        min(days, default=None),
        max(days, default=None),
        newest[1].astimezone(UTC) if newest else None,
        footer.provenance.fetched_at if footer.provenance else None,
    )


def _rows(stored: StoredConference, table: Table) -> int | None:
    try:
        return stored.footer(table.location).rows
    except (StoreError, OSError):
        return None
