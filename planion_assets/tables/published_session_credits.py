"""The table `published_session_credits`: the credits of the sessions that the public may see."""

from planion_assets.tables.model import Table
from planion_assets.tables.published_sessions import of_published_sessions
from planion_assets.tables.session_credits import SESSION_CREDITS
from planion_assets.tables.sessions import SESSIONS

PUBLISHED_SESSION_CREDITS = Table(
    name="published_session_credits",
    description=(
        "The credits that the published sessions give, one row per real bucket, those beyond the contract's "
        "ten included."
    ),
    columns=SESSION_CREDITS.columns,
    key=SESSION_CREDITS.key,
    preview=SESSION_CREDITS.preview,
    rows=of_published_sessions(SESSION_CREDITS),
    upstream=("session_credits", "sessions"),
    public=True,
    identity=("schedid", "bucket"),
    references={"published_sessions": {"schedid": "schedid"}},
    code_version=f"1 of {SESSION_CREDITS.code_version}, {SESSIONS.code_version}",
)
