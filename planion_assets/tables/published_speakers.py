"""The table `published_speakers`: a row per person who may be shown to the public, in any session.

Belongs here: where each of a person's columns is taken from.
"""

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any

from planion_assets.tables.model import ColumnOf, Publication, Record, Table
from planion_assets.tables.published_session_speakers import PUBLISHED_SESSION_SPEAKERS, published_engagements
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.shared_columns import OWNER_COLUMNS
from planion_assets.tables.speakers import SPEAKERS

_LINKS, _PEOPLE = SESSION_SPEAKERS.name, SPEAKERS.name
_ENGAGED = ("fname", "lname", "honorific", "suffix", "title", "affil")
_LISTED = ("fname", "lname", "title", "company", "bio", "bio_text", "piclink")


def _people(column: ColumnOf, publication: Publication) -> list[Record]:
    """A record for each `pid` with a published engagement; nothing is taken from those that are not published."""
    engaged: dict[str, list[dict[str, Any]]] = {}
    links = _records(column, _LINKS, ("pid", *_ENGAGED))
    for link in compress(links, published_engagements(column, publication)):
        if link["pid"] is not None:
            engaged.setdefault(link["pid"], []).append(link)
    people = _records(column, _PEOPLE, ("pid", *_LISTED))
    listed = {person["pid"]: person for person in people if person["pid"] in engaged}
    return [_person(pid, listed.get(pid, {}), engagements) for pid, engagements in engaged.items()]


def _records(column: ColumnOf, table: str, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows of a table, of which these columns alone are read."""
    return (dict(zip(names, row, strict=True)) for row in zip(*(column(table, name) for name in names), strict=True))


def _person(pid: str, listed: dict[str, Any], engagements: list[dict[str, Any]]) -> Record:
    """What the Speakers method says of a person, else the first engagement that says it."""
    found = {
        name: next((one[name] for one in engagements if one[name] is not None), None)
        for name in ("fname", "lname", "honorific", "suffix", "affil")
    }
    # A name is one person's: a last name of one source behind a first name of another would be nobody's.
    named = listed if listed.get("fname") or listed.get("lname") else found
    titles = {one["title"] for one in engagements}
    # In engagements it may be the title of the talk, which differs from one to the next.
    title = next(iter(titles)) if len(titles) == 1 and len(engagements) > 1 else None
    return {
        **found,
        "pid": pid,
        "fname": named.get("fname"),
        "lname": named.get("lname"),
        "title": listed["title"] if listed.get("title") is not None else title,
        "affil": found["affil"] if found["affil"] is not None else listed.get("company"),
        **{name: listed.get(name) for name in ("bio", "bio_text", "piclink")},
    }


PUBLISHED_SPEAKERS = Table(
    name="published_speakers",
    description=(
        "The people who have a published engagement in a published session, one row per `pid`: names, title and "
        "affiliation, as the Speakers method has them or else the published engagements; biography and picture where "
        "the account's `endpoints` name `speakers`. Nobody else is here. For anybody: an app vendor, a web team, the "
        "public."
    ),
    columns=(
        *OWNER_COLUMNS,
        SPEAKERS.column("pid"),
        SPEAKERS.column("fname"),
        SPEAKERS.column("lname"),
        SESSION_SPEAKERS.column("honorific"),
        SESSION_SPEAKERS.column("suffix"),
        SPEAKERS.column("title"),
        SESSION_SPEAKERS.column("affil"),
        SPEAKERS.column("bio"),
        SPEAKERS.column("bio_text"),
        SPEAKERS.column("piclink"),
    ),
    key=("pid",),
    preview=("pid",),
    joined=_people,
    upstream=("session_speakers", "sessions", "speakers"),
    public=True,
    identity=("pid",),
    references={"published_conferences": {}},
    code_version=f"1 of {PUBLISHED_SESSION_SPEAKERS.code_version}, {SPEAKERS.code_version}",
)
