"""The table `published_sessions`: the sessions that the public may see, without any column about a person.

Belongs here too: which rows of another table are of such a session.
"""

from collections.abc import Callable

from planion_assets.tables.model import ColumnOf, Publication, Table
from planion_assets.tables.sessions import SESSIONS


def _rows(column: ColumnOf, _: Publication) -> list[bool]:
    return [published is True for published in column("sessions", "published")]


def published_schedids(column: ColumnOf) -> set[str]:
    """The `schedid` of each published session."""
    sessions = zip(column("sessions", "schedid"), column("sessions", "published"), strict=True)
    return {schedid for schedid, published in sessions if published is True}


def of_published_sessions(table: Table) -> Callable[[ColumnOf, Publication], list[bool]]:
    """The `rows` of a table that holds what another has of published sessions."""

    def rows(column: ColumnOf, _: Publication) -> list[bool]:
        shown = published_schedids(column)
        return [schedid in shown for schedid in column(table.name, "schedid")]

    return rows


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
    identity=("schedid",),
    references={"published_conferences": {}},
    code_version=f"3 of {SESSIONS.code_version}",
)
