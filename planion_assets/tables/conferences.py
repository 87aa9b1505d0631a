"""The table `conferences`: a row per conference, with what it is; made from all conferences' files and not from items.

Belongs here: its columns. What is in them comes from `planion_assets.freshness`; how a conference fares is in
`conference_status`.
"""

from planion_assets.tables.model import DATE32, INSTANT, INT32, TEXT, Column, TableSpec
from planion_assets.tables.shared_columns import OWNER_COLUMNS

NAME = Column(
    "name", TEXT, "What the feed calls the conference: the ID of its container, since it gives no title of one."
)
TIMEZONE = Column(
    "timezone", TEXT, "IANA name of the venue's time zone, as the settings have it; null where it is not configured."
)

CONFERENCES = TableSpec(
    name="conferences",
    description=(
        "Every conference, configured or stored: its days, how much there is of it, published or not, and when it was "
        "last changed at the vendor. One file for all conferences. How fresh and how usable it is says "
        "`conference_status`."
    ),
    columns=(
        *OWNER_COLUMNS,
        NAME,
        TIMEZONE,
        Column("first_day", DATE32, "The first day that the date of any session names, local to the venue."),
        Column("last_day", DATE32, "The last day that the start or end date of any session names."),
        Column("sessions", INT32, "Number of sessions; null where none are stored yet, as all counts here."),
        Column("published_sessions", INT32, "Number of sessions that are published."),
        Column("links", INT32, "Number of engagements."),
        Column("published_links", INT32, "Number of published engagements of published sessions."),
        Column("people", INT32, "Number of people of the Speakers method; null where it is not read."),
        Column("newest_session_updated_at", INSTANT, "The newest `session_updated_at` of its sessions."),
        Column("last_change_at", INSTANT, "When the content that is stored was first read from the feed."),
    ),
    key=("account", "conference"),
    preview=("account", "conference", "first_day", "last_day", "sessions", "published_sessions"),
    # Of what is on the disk, as `conference_status` is.
    upstream=(),
)
