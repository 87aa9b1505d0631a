"""The table `session_learning_objectives`: a row per learning objective of a session."""

from collections.abc import Iterator, Sequence

from planion_assets.tables.model import INT32, TEXT, Column, JsonObject, Record, Table
from planion_assets.tables.selection import numbered
from planion_assets.tables.shared_columns import OWNER_COLUMNS, SCHEDID


def _records(sessions: Sequence[JsonObject]) -> Iterator[Record]:
    for session, number, text in numbered(sessions, "learning_objective", filled=True):
        yield {"schedid": session["schedid"], "number": number, "text": text}


SESSION_LEARNING_OBJECTIVES = Table(
    name="session_learning_objectives",
    description=(
        "The learning objectives of each session, one row per objective that is not blank. The tidy form of the "
        "columns `learning_objective1` to `learning_objective10` of `sessions`."
    ),
    columns=(
        *OWNER_COLUMNS,
        SCHEDID,
        Column.named("number", INT32, "Number of the objective, from 1."),
        Column.named("text", TEXT, "The objective; may hold HTML markup."),
    ),
    key=("schedid", "number"),
    preview=("schedid", "number", "text"),
    records=_records,
    code_version="3",
)
