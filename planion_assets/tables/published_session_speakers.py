"""The table `published_session_speakers`: who may be shown to the public, in which session and in which role.

Belongs here: which columns of an engagement a printed programme has, and which engagements it prints.
"""

from planion_assets.tables.model import ColumnOf, Publication, Table
from planion_assets.tables.published_sessions import published_schedids
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS

# Names, title and affiliation are what a programme prints of a person; address and e-mail are not.
PROGRAMME = frozenset({"fname", "lname", "honorific", "suffix", "title", "affil"})


def published_engagements(column: ColumnOf, publication: Publication) -> list[bool]:
    """Of each row of `session_speakers` whether it is published, in a published session.

    Those of people who declined are not, where the account says so (`publish_declined`). `position` stays that in the
    session's whole list.
    """
    in_programme = published_schedids(column)
    links = zip(*(column("session_speakers", name) for name in ("schedid", "published", "declined")), strict=True)
    return [
        published is True and schedid in in_programme and (publication.declined or declined is False)
        for schedid, published, declined in links
    ]


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
    rows=published_engagements,
    upstream=("session_speakers", "sessions"),
    public=True,
    code_version=f"3 of {SESSION_SPEAKERS.code_version}, {SESSIONS.code_version}",
)
