"""Checks of engagements: that the session and the person they link are there."""

from planion_assets.tables.quality.model import Check, Contents, Offender, Severity

SPEAKERS_EXPECTED = 2
"""Sessions of a conference from which on one at least is expected to have a speaker: a single one can be a break."""

_LINK = ("schedid", "pslinkid", "pid")


def without_session(contents: Contents) -> list[Offender]:
    """The engagements whose `schedid` no session has, in the table's order; those without a `schedid` too."""
    known = {schedid for (schedid,) in contents.rows("sessions", "schedid")} - {None}
    return [link for link in contents.rows("session_speakers", *_LINK) if link[0] not in known]


def without_listed_person(contents: Contents) -> list[Offender]:
    """The engagements whose `pid` no person of `speakers` has, in the table's order; those without a `pid` too."""
    known = {pid for (pid,) in contents.rows("speakers", "pid")} - {None}
    return [link for link in contents.rows("session_speakers", *_LINK) if link[2] not in known]


def declined_and_published(contents: Contents) -> list[Offender]:
    """The engagements of people who declined that are published in a published session, in the table's order."""
    published = {schedid for schedid, shown in contents.rows("sessions", "schedid", "published") if shown}
    links = contents.rows("session_speakers", "schedid", "pslinkid", "role", "published", "declined")
    return [link[:3] for link in links if link[3] and link[4] and link[0] in published]


def roles_without_person(contents: Contents) -> list[Offender]:
    """The engagements that have a role and no `pid`, in the table's order."""
    links = contents.rows("session_speakers", "schedid", "pslinkid", "role", "pid")
    return [link[:3] for link in links if link[2] is not None and link[3] is None]


def without_any_speaker(contents: Contents) -> list[Offender]:
    """The sessions of a conference of which no session has an engagement, in the table's order."""
    sessions = list(contents.rows("sessions", "schedid"))
    linked = any(True for _ in contents.rows("session_speakers", "schedid"))
    return [] if linked or len(sessions) < SPEAKERS_EXPECTED else sessions


LINKS_HAVE_SESSION = Check(
    name="links_have_session",
    table="session_speakers",
    severity=Severity.ERROR,
    finds="Engagements whose session is not in `sessions`",
    because="the two tables are made from the same items, so a file was changed by other hands or the code is wrong.",
    columns=_LINK,
    find=without_session,
    reads=("session_speakers", "sessions"),
)
LINKS_HAVE_PERSON = Check(
    name="links_have_person",
    table="session_speakers",
    severity=Severity.WARN,
    finds="Engagements whose person is not in `speakers`; checked for accounts whose `endpoints` name `speakers`",
    because="the engagement itself is right, its person is missing from the feed.",
    columns=_LINK,
    find=without_listed_person,
    reads=("session_speakers", "speakers"),
)
ROLES_HAVE_PERSON = Check(
    name="roles_have_person",
    table="session_speakers",
    severity=Severity.WARN,
    finds="Engagements that have a role and no `pid`",
    because="a role that is still open is usual; its row can be joined with no person.",
    columns=("schedid", "pslinkid", "role"),
    find=roles_without_person,
    reads=("session_speakers",),
)
SESSIONS_HAVE_SPEAKERS = Check(
    name="sessions_have_speakers",
    table="session_speakers",
    severity=Severity.WARN,
    finds="Sessions of a conference of which not a single session has a speaker",
    because="early programmes are like that; else `speakers` is missing from the feed, or has another shape.",
    columns=("schedid",),
    find=without_any_speaker,
    reads=("session_speakers", "sessions"),
)
DECLINED_IS_UNPUBLISHED = Check(
    name="declined_is_not_published",
    table="session_speakers",
    severity=Severity.WARN,
    finds="Published engagements, in published sessions, of people who declined (`declined`)",
    because="the feed's flag decides who is handed out; unpublish them there, or set the account's `publish_declined`.",
    columns=("schedid", "pslinkid", "role"),
    find=declined_and_published,
    reads=("session_speakers", "sessions"),
)
