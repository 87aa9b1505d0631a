"""The table `published_sessions`: the sessions that the public may see, without any column about a person."""

from planion_assets.tables.model import ColumnOf, Table
from planion_assets.tables.sessions import SESSIONS


def _rows(column: ColumnOf) -> list[bool]:
    return [published is True for published in column("sessions", "published")]


PUBLISHED_SESSIONS = Table(
    name="published_sessions",
    description=(
        "The sessions that are published: true in the feed, never null or unreadable. The columns of `sessions` but "
        "those that may hold data about a person, and none for fields the catalog does not know. For anybody: an app "
        "vendor, a web team, the public."
    ),
    columns=tuple(column for column in SESSIONS.columns if not column.personal),
    key=SESSIONS.key,
    preview=SESSIONS.preview,
    rows=_rows,
    upstream=("sessions",),
    public=True,
    code_version=f"3 of {SESSIONS.code_version}",
)
