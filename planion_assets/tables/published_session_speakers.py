"""The table `published_session_speakers`: who may be shown to the public, in which session and in which role.

Belongs here: which columns of an engagement a printed programme has, and which engagements it prints.
"""

from collections.abc import Sequence
from itertools import compress
from typing import Any

from planion_assets.tables.fields.display_order import without_gaps
from planion_assets.tables.model import PEOPLE, ColumnOf, Publication, Table
from planion_assets.tables.published_sessions import published_schedids
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS
from planion_assets.tables.speakers import SPEAKERS

# Names, title and affiliation are what a programme prints of a person; address and e-mail are not.
PROGRAMME = frozenset({"fname", "lname", "honorific", "suffix", "title", "affil"})
_NAMES = ("fname", "lname")
# The organiser numbers all people of a session: where one is hidden, a number is missing. `display_position` says it.
_TELLTALE = frozenset({"sortorder"})


def published_engagements(column: ColumnOf, publication: Publication) -> list[bool]:
    """Of each row of `session_speakers` whether it is published, in a published session.

    Those of people who declined are not, where the account says so (`publish_declined`).
    """
    in_programme = published_schedids(column)
    links = zip(*(column("session_speakers", name) for name in ("schedid", "published", "declined")), strict=True)
    return [
        published is True and schedid in in_programme and (publication.declined or declined is False)
        for schedid, published, declined in links
    ]


def _replaced(column: ColumnOf, publication: Publication, published: Sequence[bool]) -> dict[str, list[Any]]:
    return positions(column, publication, published) | _names(column, published)


def _names(column: ColumnOf, published: Sequence[bool]) -> dict[str, list[str | None]]:
    """The names of published engagements: their own or, where they have neither, those of the person's `pid`.

    A name is one person's: a last name of one source behind a first name of another would be nobody's.
    """
    engaged = [list(compress(column(SESSION_SPEAKERS.name, name), published)) for name in ("pid", *_NAMES)]
    rows = list(zip(*engaged, strict=True))
    unnamed = {pid for pid, *own in rows if pid is not None and own == [None, None]}
    people = zip(*(column(PEOPLE, name) for name in ("pid", *_NAMES)), strict=True) if unnamed else ()
    listed = {pid: names for pid, *names in people if pid in unnamed}
    named = [listed.get(pid, own) if own == [None, None] else own for pid, *own in rows]
    return {name: [names[place] for names in named] for place, name in enumerate(_NAMES)}


def positions(column: ColumnOf, _: Publication, published: Sequence[bool]) -> dict[str, list[int]]:
    """Of each published engagement its places among those of its session: gaps would tell how many are hidden."""
    schedids, places, printed = (
        list(compress(column("session_speakers", name), published))
        for name in ("schedid", "position", "display_position")
    )
    return {"position": without_gaps(schedids, places, 0), "display_position": without_gaps(schedids, printed, 1)}


PUBLISHED_SESSION_SPEAKERS = Table(
    name="published_session_speakers",
    description=(
        "The engagements that are published themselves, of sessions that are published: true in the feed, never null "
        "or unreadable. Of the person it holds what a programme prints: names, title, affiliation, role. Where an "
        "engagement has no names of its own, they are those that the Speakers method has of the person. "
        "`position` and `display_position` count those that are here, and stand for the organiser's own numbers, whose "
        "gaps would tell of others. For anybody: an app vendor, a web team, the public."
    ),
    columns=tuple(
        column
        for column in SESSION_SPEAKERS.columns
        if column.name in PROGRAMME or (not column.personal and column.name not in _TELLTALE)
    ),
    key=SESSION_SPEAKERS.key,
    preview=("pslinkid", "schedid", "role", "display_position", "published"),
    rows=published_engagements,
    replaced=_replaced,
    upstream=(SESSION_SPEAKERS.name, SESSIONS.name, PEOPLE),
    public=True,
    identity=("schedid", "position"),
    references={"published_sessions": {"schedid": "schedid"}, "published_speakers": {"pid": "pid"}},
    code_version=f"4 of {SESSION_SPEAKERS.code_version}, {SESSIONS.code_version}, {SPEAKERS.code_version}",
)
