"""The table `published_session_custom_fields`: the organiser's own fields of the sessions that the public may see."""

from planion_assets.tables.model import Table
from planion_assets.tables.published_sessions import of_published_sessions
from planion_assets.tables.session_custom_fields import SESSION_CUSTOM_FIELDS
from planion_assets.tables.sessions import SESSIONS

PUBLISHED_SESSION_CUSTOM_FIELDS = Table(
    name="published_session_custom_fields",
    description=(
        "The organiser's own fields that the published sessions fill in, one row each, those beyond the contract's "
        "twenty included. Some organisers keep internal notes in such fields."
    ),
    columns=SESSION_CUSTOM_FIELDS.columns,
    key=SESSION_CUSTOM_FIELDS.key,
    preview=SESSION_CUSTOM_FIELDS.preview,
    rows=of_published_sessions(SESSION_CUSTOM_FIELDS),
    upstream=("session_custom_fields", "sessions"),
    public=True,
    identity=("schedid", "number"),
    references={"published_sessions": {"schedid": "schedid"}},
    code_version=f"1 of {SESSION_CUSTOM_FIELDS.code_version}, {SESSIONS.code_version}",
)
