"""The table `published_session_speakers`: who may be shown to the public, in which session and in which role.

Belongs here: which columns of an engagement a printed programme has. What counts as published is in `items.py`.
"""

from collections.abc import Iterable, Iterator

from planion_assets.tables.items import entries, is_published, published_sessions_of
from planion_assets.tables.model import FeedItem, Record, Table
from planion_assets.tables.session_speakers import SESSION_SPEAKERS

# Names, title and affiliation are what a programme prints of a person; address and e-mail are not.
PROGRAMME = frozenset({"fname", "lname", "honorific", "suffix", "title", "affil"})


def _records(items: Iterable[FeedItem]) -> Iterator[Record]:
    """A record per published engagement of a published session; `position` is that in the session's whole list."""
    for session in published_sessions_of(items):
        for position, speaker in enumerate(entries(session, "speakers")):
            if isinstance(speaker, dict) and is_published(speaker):
                yield {**speaker, "schedid": session["schedid"], "position": position}


PUBLISHED_SESSION_SPEAKERS = Table(
    name="published_session_speakers",
    description=(
        "The engagements that are published themselves, of sessions that are published: true in the feed, never null "
        "or unreadable. Of the person it holds what a programme prints: names, title, affiliation, role. For anybody: "
        "an app vendor, a web team, the public."
    ),
    columns=tuple(column for column in SESSION_SPEAKERS.columns if column.name in PROGRAMME or not column.personal),
    key=SESSION_SPEAKERS.key,
    preview=SESSION_SPEAKERS.preview,
    records=_records,
    upstream=("session_speakers", "sessions"),
    public=True,
    code_version="2",
)
