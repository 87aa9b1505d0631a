"""The table `session_custom_fields`: a row per field of the organiser's own that a session fills in."""

from collections.abc import Iterator, Sequence

from planion_assets.tables.model import INT32, TEXT, Column, JsonObject, Record, Table
from planion_assets.tables.selection import numbered
from planion_assets.tables.shared_columns import OWNER_COLUMNS, SCHEDID


def _records(sessions: Sequence[JsonObject]) -> Iterator[Record]:
    for session, number, value in numbered(sessions, "custom", filled=True):
        label = session.get(f"custom{number}name")
        yield {"schedid": session["schedid"], "number": number, "label": label, "value": value}


SESSION_CUSTOM_FIELDS = Table(
    name="session_custom_fields",
    description=(
        "The organiser's own fields that each session fills in, one row per field with a value. The tidy form of the "
        "columns `custom1` to `custom20` of `sessions`, whose meaning differs by conference."
    ),
    columns=(
        *OWNER_COLUMNS,
        SCHEDID,
        Column.named("number", INT32, "Number of the field, from 1."),
        Column.named("label", TEXT, "Name of the field in this conference."),
        Column.named("value", TEXT, "The session's value."),
    ),
    key=("schedid", "number"),
    preview=("schedid", "number", "label", "value"),
    records=_records,
    code_version="3",
)
