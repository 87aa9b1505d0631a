"""Checks of people and of their engagements: that the session and the person that one links are there."""

from planion_assets.tables.quality.model import Contents, Offender, Severity, check

SPEAKERS_EXPECTED = 2
"""Sessions of a conference from which on one at least is expected to have a speaker: a single one can be a break."""

_LINK = ("schedid", "pslinkid", "pid")


def _without(contents: Contents, table: str, column: str) -> list[Offender]:
    """The engagements whose value of a column no row of the table has; those without a value too."""
    known = {value for (value,) in contents.rows(table, column)} - {None}
    place = _LINK.index(column)
    return [link for link in contents.rows("session_speakers", *_LINK) if link[place] not in known]


@check(
    table="session_speakers",
    severity=Severity.ERROR,
    finds="Engagements whose session is not in `sessions`",
    because="the two tables are made from the same items, so a file was changed by other hands or the code is wrong.",
    columns=_LINK,
    reads=("session_speakers", "sessions"),
)
def links_have_session(contents: Contents) -> list[Offender]:
    return _without(contents, "sessions", "schedid")


@check(
    table="session_speakers",
    finds="Engagements whose person is not in `speakers`; checked for accounts whose `endpoints` name `speakers`",
    because="the engagement itself is right, its person is missing from the feed.",
    columns=_LINK,
    reads=("session_speakers", "speakers"),
)
def links_have_person(contents: Contents) -> list[Offender]:
    return _without(contents, "speakers", "pid")


@check(
    table="session_speakers",
    finds="Engagements that have a role and no `pid`",
    because="a role that is still open is usual; its row can be joined with no person.",
    columns=("schedid", "pslinkid", "role"),
)
def roles_have_person(contents: Contents) -> list[Offender]:
    links = contents.rows("session_speakers", "schedid", "pslinkid", "role", "pid")
    return [link[:3] for link in links if link[2] is not None and link[3] is None]


@check(
    table="session_speakers",
    finds="Sessions of a conference of which not a single session has a speaker",
    because="early programmes are like that; else `speakers` is missing from the feed, or has another shape.",
    columns=("schedid",),
    reads=("session_speakers", "sessions"),
)
def sessions_have_speakers(contents: Contents) -> list[Offender]:
    sessions = list(contents.rows("sessions", "schedid"))
    linked = any(True for _ in contents.rows("session_speakers", "schedid"))
    return [] if linked or len(sessions) < SPEAKERS_EXPECTED else sessions


@check(
    table="session_speakers",
    finds="Published engagements, in published sessions, of people who declined (`declined`)",
    because="the feed's flag decides who is handed out; unpublish them there, or set the account's `publish_declined`.",
    columns=("schedid", "pslinkid", "role"),
    reads=("session_speakers", "sessions"),
)
def declined_is_not_published(contents: Contents) -> list[Offender]:
    published = {schedid for schedid, is_published in contents.rows("sessions", "schedid", "published") if is_published}
    links = contents.rows("session_speakers", "schedid", "pslinkid", "role", "published", "declined")
    return [link[:3] for link in links if link[3] and link[4] and link[0] in published]


@check(
    table="speakers",
    finds="People with neither a first nor a last name",
    because="a programme prints an empty line for whoever of them is published.",
    columns=("pid",),
)
def people_are_named(contents: Contents) -> list[Offender]:
    people = contents.rows("speakers", "pid", "fname", "lname")
    return [(pid,) for pid, first, last in people if first is None and last is None]
