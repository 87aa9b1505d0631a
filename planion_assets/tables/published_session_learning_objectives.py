"""The table `published_session_learning_objectives`: those of the sessions that the public may see."""

from planion_assets.tables.model import Table
from planion_assets.tables.published_sessions import of_published_sessions
from planion_assets.tables.session_learning_objectives import SESSION_LEARNING_OBJECTIVES
from planion_assets.tables.sessions import SESSIONS

PUBLISHED_SESSION_LEARNING_OBJECTIVES = Table(
    name="published_session_learning_objectives",
    description=(
        "The learning objectives of the published sessions, one row each, those beyond the contract's ten included."
    ),
    columns=SESSION_LEARNING_OBJECTIVES.columns,
    key=SESSION_LEARNING_OBJECTIVES.key,
    preview=SESSION_LEARNING_OBJECTIVES.preview,
    rows=of_published_sessions(SESSION_LEARNING_OBJECTIVES),
    upstream=("session_learning_objectives", "sessions"),
    public=True,
    identity=("schedid", "number"),
    references={"published_sessions": {"schedid": "schedid"}},
    code_version=f"1 of {SESSION_LEARNING_OBJECTIVES.code_version}, {SESSIONS.code_version}",
)
