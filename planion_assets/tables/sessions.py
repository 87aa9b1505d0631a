"""The table `sessions`: a row per session, a column for each element of the contract's table and sample."""

from collections.abc import Iterable, Iterator

from planion_assets.tables.fields import html, instants, times, timestamps, values
from planion_assets.tables.fields.tracks import track_list
from planion_assets.tables.model import (
    BOOLEAN,
    DATE32,
    FLOAT64,
    IDENTIFIER,
    INSTANT,
    INT32,
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

TRACKS = Kind("string", track_list)
_START, _END = times.START, times.END
# `speakers` has tables of its own. The others are the feed's bookkeeping, which its contract and framework tell
# consumers to ignore (sessions-feed.md, Data Response Elements; feed-facts.md, Pages); they stay in raw_sessions.
BOOKKEEPING = frozenset({"_id", "_created", "_updated", "_links", "_etag", "updated_at"})
CUSTOM_FIELDS = 20
"""How many fields of the organiser's own the contract has."""
ELSEWHERE = BOOKKEEPING | {"speakers"}


def _records(sessions: Iterable[JsonObject]) -> Iterator[Record]:
    return (with_extra(one, KNOWN_KEYS) for one in sessions)


def _numbered(count: int, *columns: tuple[str, Kind, str, str]) -> tuple[Column, ...]:
    """Columns of numbered fields: (name, kind, feed key, description), each with `{n}` from 1 to `count`."""
    return tuple(
        Column(name.format(n=n), kind, description.format(n=n), (key.format(n=n),))
        for n in range(1, count + 1)
        for name, kind, key, description in columns
    )


SESSIONS = Table(
    name="sessions",
    description=(
        "Every session of the conference, published or not: one row per `schedid`, with each element of the "
        "feed's contract as a typed column. Where the feed holds one `schedid` more than once, the most recently "
        "updated item is the row."
    ),
    columns=(
        *OWNER_COLUMNS,
        SCHEDID,
        Column.named("sesid", IDENTIFIER, "The vendor's internal session number, beside `schedid`."),
        Column(
            "session_client_id",
            TEXT,
            "The number the organiser gave the session, as printed in a programme. Often blank and not unique.",
            ("sessionClientID", "clientid"),
        ),
        Column("session_name", TEXT, "Title of the session.", ("sessionName",)),
        Column.named("description", VERBATIM, "Description of the session; may hold HTML markup."),
        Column(
            "description_text",
            VERBATIM,
            "Description of the session without markup; paragraphs are lines.",
            ("description",),
            derive=lambda _, markup: html.plain_text(values.text(markup)),
        ),
        Column("session_type", TEXT, "Kind of session in words, such as General Session.", ("sessionType",)),
        Column.named("sestype", IDENTIFIER, "Identifier of the kind of session."),
        Column.named("published", BOOLEAN, "Whether the session may be shown to the public. Null is not yes."),
        Column.named("ticketed", BOOLEAN, "Whether a ticket is needed."),
        Column.named("has_handouts", BOOLEAN, "Whether there are handouts for the session."),
        Column(
            "start_date",
            DATE32,
            "Day the session starts, local to the venue.",
            ("startDate",),
            derive=lambda zones, day: timestamps.day(day, zones.venue),
        ),
        Column(
            "end_date",
            DATE32,
            "Day the session ends, local to the venue, where the feed states it.",
            ("endDate",),
            derive=lambda zones, day: timestamps.day(day, zones.venue),
        ),
        Column(
            "start_time",
            TEXT,
            "Time of day the session starts, local to the venue, as the feed writes it (07:30 pm).",
            ("startTime",),
        ),
        Column(
            "end_time",
            TEXT,
            "Time of day the session ends, local to the venue, as the feed writes it. A "
            "session can end after midnight.",
            ("endTime",),
        ),
        Column.named(
            "rstartmins", INT32, "Start in minutes after midnight, local to the venue; 1440 and more are the next day."
        ),
        Column.named(
            "rendmins",
            INT32,
            "End in minutes after midnight of the start date, local to the venue; 1440 and more are the next day.",
        ),
        Column(
            "starts_at_local",
            LOCAL,
            "Start, local to the venue, from date and time of day; from minutes after midnight where that is blank or "
            "unreadable, or they say the next day.",
            _START,
            derive=lambda zones, *start: times.session_start(*start, zones.venue),
        ),
        Column(
            "ends_at_local",
            LOCAL,
            "End, local to the venue, read like `starts_at_local`. Where no other end date is stated, an end before "
            "the start is on the next day if that makes twelve hours or less; else it stays as the feed says it.",
            (*_START, *_END),
            derive=lambda zones, *both: times.session_end(*both, zones.venue),
        ),
        Column(
            "starts_at",
            INSTANT,
            "Start as an instant, where the conference's `timezone` is set. A time that clocks skip is moved past the "
            "gap; of a time that clocks repeat it is the first.",
            _START,
            derive=lambda zones, *start: times.session_start_instant(*start, zones.venue),
        ),
        Column(
            "ends_at",
            INSTANT,
            "End as an instant, where the conference's `timezone` is set; see `starts_at`. Where clocks skip the "
            "start, the end is moved by as much.",
            (*_START, *_END),
            derive=lambda zones, *both: times.session_end_instant(*both, zones.venue),
        ),
        Column.named("roomname", TEXT, "Name of the room."),
        Column.named("roomid", IDENTIFIER, "Identifier of the room, where the vendor's scheduling module is used."),
        Column.named("sched_roomname", TEXT, "Name of the room as scheduled, with the building before it."),
        Column.named("hotelname", TEXT, "Building that the room is in."),
        Column.named("location", TEXT, "Where the session takes place, in free words."),
        Column.named(
            "adanotes",
            VERBATIM,
            "Notes on accessibility for the session; may speak of a person's needs.",
            personal=True,
        ),
        Column.named(
            "tracks",
            TRACKS,
            "Tracks of the session: a JSON list of objects with `track` and `desc`, each text or null.",
        ),
        *_numbered(
            CUSTOM_FIELDS,
            (
                "custom{n}",
                TEXT,
                "custom{n}",
                "Value of the organiser's own field {n}; `custom{n}_name` says what it means in this conference.",
            ),
            ("custom{n}_name", TEXT, "custom{n}name", "Name of the organiser's own field {n} in this conference."),
        ),
        *_numbered(10, ("learning_objective{n}", TEXT, "learning_objective{n}", "Learning objective {n}.")),
        *_numbered(
            10,
            (
                "credits{n}",
                FLOAT64,
                "credits{n}",
                "Credits of the session in credit bucket {n}; `session_credits` has the text of unreadable ones.",
            ),
            (
                "credits{n}_label",
                TEXT,
                "credits{n}_label",
                "What credit bucket {n} counts, such as CME for physicians.",
            ),
        ),
        Column(
            "session_details_url",
            TEXT,
            "Address of the session's page in the vendor's programme.",
            ("SessionDetailsURL",),
        ),
        Column(
            "mobile_action_url",
            TEXT,
            "Address that the organiser's mobile app opens for the session.",
            ("mobileActionURL",),
        ),
        Column(
            "planstone_desktop_user_action_url",
            TEXT,
            "Address that the vendor's desktop programme opens for the session.",
            ("planstoneDesktopUserActionURL",),
        ),
        Column.named(
            "session_updated_at",
            INSTANT,
            "When the session was last changed at the vendor. A timestamp that names no zone, as the feed's usually "
            "do, is read in the one that `feed.timezone` sets, UTC unless set.",
            derive=lambda zones, said: instants.feed_instant(said, zones.feed),
        ),
        Column.named(
            "schedule_updated_at",
            INSTANT,
            "When the session's place in the schedule was last changed at the vendor, read like `session_updated_at`.",
            derive=lambda zones, said: instants.feed_instant(said, zones.feed),
        ),
        EXTRA,
    ),
    key=("schedid",),
    preview=("schedid", "session_name", "session_type", "start_date", "start_time", "roomname", "published"),
    records=_records,
    code_version="4",
)

KNOWN_KEYS = ELSEWHERE | sources_of(SESSIONS.columns)
"""The keys that a session is known to have."""
