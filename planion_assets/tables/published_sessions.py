"""The table `published_sessions`: the sessions that the public may see, without any column about a person."""

from collections.abc import Iterable

from planion_assets.tables.items import published_sessions_of
from planion_assets.tables.model import FeedItem, Record, Table
from planion_assets.tables.sessions import SESSIONS


def _records(items: Iterable[FeedItem]) -> Iterable[Record]:
    return published_sessions_of(items)


PUBLISHED_SESSIONS = Table(
    name="published_sessions",
    description=(
        "The sessions that are published: true in the feed, never null or unreadable. The columns of `sessions` but "
        "those that may hold data about a person, and none for fields the catalog does not know. For anybody: an app "
        "vendor, a web team, the public."
    ),
    columns=tuple(column for column in SESSIONS.columns if not column.personal),
    key=SESSIONS.key,
    preview=SESSIONS.preview,
    records=_records,
    upstream=("sessions",),
    public=True,
    code_version="2",
)
