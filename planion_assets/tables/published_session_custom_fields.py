"""The table `published_session_custom_fields`: the organiser's own fields of the sessions that the public may see."""

from planion_assets.tables.model import ColumnOf, Publication, Table
from planion_assets.tables.published_sessions import hands_out, published_schedids
from planion_assets.tables.session_custom_fields import SESSION_CUSTOM_FIELDS
from planion_assets.tables.sessions import SESSIONS


def _rows(column: ColumnOf, publication: Publication) -> list[bool]:
    """The fields of published sessions that the account hands out (`publish_custom_fields`)."""
    shown, is_handed_out = published_schedids(column), hands_out(publication)
    fields = zip(*(column(SESSION_CUSTOM_FIELDS.name, name) for name in ("schedid", "label")), strict=True)
    return [schedid in shown and is_handed_out(label) for schedid, label in fields]


PUBLISHED_SESSION_CUSTOM_FIELDS = Table(
    name="published_session_custom_fields",
    description=(
        "The organiser's own fields that the published sessions fill in, one row each, those beyond the contract's "
        "twenty included. Some organisers keep internal notes in such fields: `publish_custom_fields` of an account "
        "names those that are handed out."
    ),
    columns=SESSION_CUSTOM_FIELDS.columns,
    key=SESSION_CUSTOM_FIELDS.key,
    preview=SESSION_CUSTOM_FIELDS.preview,
    rows=_rows,
    upstream=("session_custom_fields", "sessions"),
    public=True,
    identity=("schedid", "number"),
    references={"published_sessions": {"schedid": "schedid"}},
    code_version=f"2 of {SESSION_CUSTOM_FIELDS.code_version}, {SESSIONS.code_version}",
)
