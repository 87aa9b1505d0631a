"""The table `session_speakers`: a row per engagement, the link between a session and a person."""

from collections.abc import Iterable, Iterator
from typing import Any

from planion_assets.tables.fields import engagement_times, roles, values
from planion_assets.tables.fields.display_order import display_positions
from planion_assets.tables.fields.lists import entries, readable_entries
from planion_assets.tables.fields.spellings import Spellings
from planion_assets.tables.fields.values import Unreadable, readable
from planion_assets.tables.model import (
    BOOLEAN,
    IDENTIFIER,
    INSTANT,
    INT32,
    LIST,
    LOCAL,
    TEXT,
    VERBATIM,
    Column,
    JsonObject,
    Kind,
    Record,
    Table,
)
from planion_assets.tables.selection import sources_of, with_extra
from planion_assets.tables.shared_columns import EXTRA, OWNER_COLUMNS, SCHEDID

_PERSON = (
    ("fname", "First name of the person."),
    ("lname", "Last name of the person."),
    ("honorific", "Form of address of the person, such as Dr."),
    ("suffix", "What follows the person's name, such as PhD."),
    ("company", "Company or institution of the person."),
    ("city", "City of the person."),
    ("state", "State or region of the person."),
    ("country", "Country of the person."),
    ("email", "E-mail address of the person."),
)

# An entry may have members of these names, such as a person's `position`, which are not what the columns hold.
_TIMES = ("starts_at_local", "ends_at_local", "starts_at", "ends_at")
_COMPUTED = frozenset({"account", "conference", "schedid", "position", "display_position", "extra", *_TIMES})


def _records(sessions: Iterable[JsonObject]) -> Iterator[Record]:
    """A record per entry of `speakers`, with the session it belongs to; an entry that is no object is all extra."""
    for session in sessions:
        of_session = {member: session.get(name) for name, member in engagement_times.SESSION.items()}
        speakers = [
            with_extra(_SPELLINGS.exact(entry), _KEYS) if isinstance(entry, dict) else {"extra": entry}
            for entry in readable_entries(session.get("speakers"))
        ]
        printed = display_positions([speaker.get("sortorder") for speaker in speakers])
        for position, (speaker, place) in enumerate(zip(speakers, printed, strict=True)):
            yield {
                **speaker,
                **of_session,
                "schedid": session["schedid"],
                "position": position,
                "display_position": place,
            }


def _is_declined(role: Any) -> bool:
    return roles.is_declined(values.text(role))


def _checked(value: Any) -> None:
    """No value, but `Unreadable` for what is no list, and for a list with anything that is no engagement.

    That is what is no object, and an object of which no member is known.
    """
    for entry in entries(value):
        if not isinstance(entry, dict) or (entry and _KEYS.isdisjoint(_SPELLINGS.exact(entry))):
            raise Unreadable("no engagement")


SESSION_SPEAKERS = Table(
    name="session_speakers",
    description=(
        "Every engagement of a person in a session, published or not: one row per entry of a session's speakers. "
        "`published` says whether the public may see this person in this role; null is not yes. Includes declined "
        "and internal roles."
    ),
    columns=(
        *OWNER_COLUMNS,
        Column.named("pslinkid", IDENTIFIER, "The engagement's identifier."),
        SCHEDID,
        Column.named(
            "pid",
            IDENTIFIER,
            "The person's identifier, the same in all of the person's engagements; the link "
            "to the vendor's Speakers method.",
        ),
        Column.named("position", INT32, "Place of the entry in the session's list, from 0."),
        Column.named("role", TEXT, "What the person does in the session, such as Presenter; see `declined`."),
        Column(
            "declined",
            BOOLEAN,
            "Whether the role says that the person takes no part: Declined or Withdrawn as its first or last word, in "
            "brackets or behind a dash or colon; Eval Contact, to whom evaluations are sent. The feed publishes some "
            "of them all the same.",
            ("role",),
            derive=lambda _, role: readable(_is_declined, role),
        ),
        Column.named("sortorder", TEXT, "The organiser's order of people within the session, as text."),
        Column.named(
            "display_position",
            INT32,
            "Place of the engagement in print, from 1, by the feed's `sortorder`: numbers by size, then text, then "
            "what has none, in the order of the list.",
        ),
        Column.named("published", BOOLEAN, "Whether the public may see this engagement. Null is not yes."),
        Column.named("title", TEXT, "Title of the person or of the talk, as the organiser entered it.", personal=True),
        Column.named("cargo", TEXT, "The person's position at work.", personal=True),
        Column.named("affil", TEXT, "The person's affiliation.", personal=True),
        Column.named("description", VERBATIM, "Description of the engagement; may hold HTML markup.", personal=True),
        Column(
            "start_time",
            TEXT,
            "Time of day the engagement starts, local to the venue, as the feed writes it.",
            ("startTime",),
        ),
        Column(
            "end_time",
            TEXT,
            "Time of day the engagement ends, local to the venue, as the feed writes it.",
            ("endTime",),
        ),
        Column(
            "starts_at_local",
            LOCAL,
            "Start of the engagement, such as a talk, local to the venue: its time of day on the session's day, or in "
            "the night after it, where that is twelve hours or less after the session's start.",
            engagement_times.SOURCES,
            derive=lambda zones, *said: engagement_times.engagement_start(*said, zones.venue),
        ),
        Column(
            "ends_at_local",
            LOCAL,
            "End of the engagement, local to the venue, read like `starts_at_local`.",
            engagement_times.SOURCES,
            derive=lambda zones, *said: engagement_times.engagement_end(*said, zones.venue),
        ),
        Column(
            "starts_at",
            INSTANT,
            "Start of the engagement as an instant, where the conference's `timezone` is set; see `sessions`. Where "
            "clocks skip the session's start, the engagement is moved by as much.",
            engagement_times.SOURCES,
            derive=lambda zones, *said: engagement_times.engagement_start_instant(*said, zones.venue),
        ),
        Column(
            "ends_at",
            INSTANT,
            "End of the engagement as an instant, where the conference's `timezone` is set; see `sessions`.",
            engagement_times.SOURCES,
            derive=lambda zones, *said: engagement_times.engagement_end_instant(*said, zones.venue),
        ),
        Column.named(
            "resources", LIST, "Resources of the engagement: a JSON list of objects of no fixed shape.", personal=True
        ),
        *(
            Column.named(name, TEXT, f"{description} Only some accounts send it.", personal=True)
            for name, description in _PERSON
        ),
        EXTRA,
    ),
    key=("pslinkid", "schedid", "position"),
    preview=("pslinkid", "schedid", "role", "sortorder", "published"),
    records=_records,
    unstored=(Column.named("speakers", Kind("string", _checked), "The session's list of engagements.", personal=True),),
    code_version="4",
)

_KEYS = sources_of(SESSION_SPEAKERS.columns, computed=_COMPUTED)
_SPELLINGS = Spellings(_KEYS)
