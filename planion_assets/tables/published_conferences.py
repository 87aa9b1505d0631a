"""The table `published_conferences`: a row per conference of which the public may see anything."""

from planion_assets.tables.conferences import NAME, TIMEZONE
from planion_assets.tables.model import DATE32, INSTANT, INT32, Column, TableSpec
from planion_assets.tables.shared_columns import OWNER_COLUMNS

PUBLISHED_CONFERENCES = TableSpec(
    name="published_conferences",
    description=(
        "Every conference with a published session: its days and counts, of what is published alone. One file for all "
        "conferences. For anybody: an app vendor, a web team, the public."
    ),
    columns=(
        *OWNER_COLUMNS,
        NAME,
        TIMEZONE,
        Column("first_day", DATE32, "The first day that the date of a published session names, local to the venue."),
        Column("last_day", DATE32, "The last day that the start or end date of a published session names."),
        Column("sessions", INT32, "Number of published sessions."),
        Column("links", INT32, "Number of published engagements of published sessions."),
        Column("newest_session_updated_at", INSTANT, "The newest `session_updated_at` of its published sessions."),
    ),
    key=("account", "conference"),
    preview=("account", "conference", "first_day", "last_day", "sessions", "links"),
    upstream=(),
    public=True,
    identity=(),
)
