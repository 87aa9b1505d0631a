"""The table `published_sessions`: the sessions that the public may see, without any column about a person.

Belongs here too: which rows of another table are of such a session.
"""

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any

from planion_assets.tables.fields.values import folded
from planion_assets.tables.model import ColumnOf, Publication, Table
from planion_assets.tables.sessions import CUSTOM_FIELDS, SESSIONS


def _rows(column: ColumnOf, _: Publication) -> list[bool]:
    return [published is True for published in column("sessions", "published")]


def published_schedids(column: ColumnOf) -> set[str]:
    """The `schedid` of each published session."""
    sessions = zip(column("sessions", "schedid"), column("sessions", "published"), strict=True)
    return {schedid for schedid, published in sessions if published is True}


def hands_out(publication: Publication) -> Callable[[str | None], bool]:
    """Whether a field of the organiser's own that has that name may be handed out (`publish_custom_fields`)."""
    if publication.custom_fields is None:
        return lambda name: True
    named = {folded(name) for name in publication.custom_fields}
    return lambda name: name is not None and folded(name) in named


def _fields(column: ColumnOf, publication: Publication, published: Sequence[bool]) -> dict[str, list[str | None]]:
    """The organiser's own fields without those that are not handed out, name and value."""
    if publication.custom_fields is None:
        return {}
    is_handed_out, found = hands_out(publication), {}
    for number in range(1, CUSTOM_FIELDS + 1):
        names, values = (
            list(compress(column("sessions", name), published)) for name in (f"custom{number}_name", f"custom{number}")
        )
        wanted = list(map(is_handed_out, names))
        for name, cells in ((f"custom{number}_name", names), (f"custom{number}", values)):
            found[name] = [cell if one else None for cell, one in zip(cells, wanted, strict=True)]
    return found


PUBLISHED_SESSIONS = Table(
    name="published_sessions",
    description=(
        "The sessions that are published: true in the feed, never null or unreadable. The columns of `sessions` but "
        "those that may hold data about a person, and none for fields the catalog does not know. Of the organiser's "
        "own fields it has those that the account hands out (`publish_custom_fields`). For anybody: an app vendor, a "
        "web team, the public."
    ),
    columns=tuple(column for column in SESSIONS.columns if not column.personal),
    key=SESSIONS.key,
    preview=SESSIONS.preview,
    rows=_rows,
    replaced=_fields,
    upstream=("sessions",),
    public=True,
    identity=("schedid",),
    references={"published_conferences": {}},
    code_version=f"4 of {SESSIONS.code_version}",
)


def published_part(table: Table, name: str, description: str, version: str = "1", **declared: Any) -> Table:
    """The public table of what another has of published sessions; `rows` where that is not all of them."""

    def rows(column: ColumnOf, _: Publication) -> list[bool]:
        published = published_schedids(column)
        return [schedid in published for schedid in column(table.name, "schedid")]

    return Table(
        name=name,
        description=description,
        columns=table.columns,
        key=table.key,
        preview=table.preview,
        upstream=(table.name, SESSIONS.name),
        public=True,
        identity=table.key,
        references={PUBLISHED_SESSIONS.name: {"schedid": "schedid"}},
        code_version=f"{version} of {table.code_version}, {SESSIONS.code_version}",
        **{"rows": rows, **declared},
    )
