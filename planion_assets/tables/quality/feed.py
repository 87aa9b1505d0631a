"""Checks of what the feed sent: values, fields and items that the tables could not take as they are."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from planion_assets.tables.catalog import TABLES
from planion_assets.tables.quality.model import Contents, Offender, Severity, check
from planion_assets.tables.rejected_items import NO_SCHEDID, OUTDATED, TIED

_EXAMPLES = 3
_REJECTED = ("schedid", "reason", "digest")


@check(
    table="sessions",
    finds="Columns of any table with values that could not be read as their type",
    because="the cell is null, but the value is kept in `raw_sessions`.",
    columns=("schedid", "table", "column", "values"),
    # Unreadable values of a table with `rows` are noted in its first upstream table.
    reads=tuple(table.name for table in TABLES if table.endpoint == "sessions" and not table.rows),
    reads_where_there=tuple(table.name for table in TABLES if table.endpoint != "sessions" and not table.rows),
    code_version="2",
)
def values_are_readable(contents: Contents) -> list[Offender]:
    """With how many there are, and the sessions of the first ones."""
    return [
        (_some(noted.get("schedids", ())), table, column, noted["count"])
        for table, columns in contents.unreadable.items()
        for column, noted in columns.items()
    ]


@check(
    table="sessions",
    finds="Fields of the feed that no column of `sessions` or `session_speakers` is read from",
    because="the feed grows, and what it sends is kept in `extra`; a column for it would be better.",
    columns=("schedid", "field", "sessions"),
    reads=("sessions", "session_speakers"),
)
def fields_are_known(contents: Contents) -> list[Offender]:
    """With how many sessions have them, sorted by name."""
    sessions: dict[str, dict[str | None, None]] = {}
    for table, prefix in (("sessions", ""), ("session_speakers", "speakers[].")):
        for schedid, extra in contents.rows(table, "schedid", "extra"):
            for name in _names(extra):
                sessions.setdefault(f"{prefix}{name}", {})[schedid] = None
    return [(_some(found), field, len(found)) for field, found in sorted(sessions.items())]


@check(
    table="rejected_items",
    finds="Items of the feed that are no row of `sessions`, for any reason",
    because="they are kept in `raw_sessions`; what a session would have been is for the vendor to say.",
    columns=_REJECTED,
)
def nothing_is_rejected(contents: Contents) -> list[Offender]:
    return list(contents.rows("rejected_items", *_REJECTED))


@check(
    table="rejected_people",
    finds="Items of the Speakers method that are no row of `speakers`, for any reason",
    because="they are kept in `raw_speakers`; which of them is the person is for the vendor to say.",
    columns=("pid", "reason", "digest"),
)
def no_person_is_rejected(contents: Contents) -> list[Offender]:
    return list(contents.rows("rejected_people", "pid", "reason", "digest"))


@check(
    table="rejected_items",
    severity=Severity.ERROR,
    finds="Items without a usable `schedid`",
    because="each is a session that is missing from `sessions`, and only the vendor can give it its key.",
    columns=_REJECTED,
)
def schedid_is_present(contents: Contents) -> list[Offender]:
    return [item for item in contents.rows("rejected_items", *_REJECTED) if item[1] == NO_SCHEDID]


@check(
    table="sessions",
    finds="Items that lost their `schedid` to another item with other content",
    because="the newest of them is the session, and the others are kept in `rejected_items`.",
    columns=_REJECTED,
    reads=("sessions", "rejected_items"),
)
def schedid_is_unique(contents: Contents) -> list[Offender]:
    return [item for item in contents.rows("rejected_items", *_REJECTED) if item[1] in (OUTDATED, TIED)]


def _names(extra: str | None) -> Iterator[str]:
    if extra is None:
        return
    fields = json.loads(extra)
    yield from fields if isinstance(fields, dict) else ["(no object)"]


def _some(schedids: Iterable[str | None]) -> str | None:
    """The first few of them, as one text."""
    known = (schedid for schedid in schedids if schedid is not None)
    return ", ".join(islice(known, _EXAMPLES)) or None
