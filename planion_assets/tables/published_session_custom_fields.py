"""The table `published_session_custom_fields`: the organiser's own fields of the sessions that the public may see."""

from planion_assets.tables.model import ColumnOf, Publication
from planion_assets.tables.published_sessions import hands_out, published_part, published_schedids
from planion_assets.tables.session_custom_fields import SESSION_CUSTOM_FIELDS


def _rows(column: ColumnOf, publication: Publication) -> list[bool]:
    """The fields of published sessions that the account hands out (`publish_custom_fields`)."""
    published, is_handed_out = published_schedids(column), hands_out(publication)
    fields = zip(*(column(SESSION_CUSTOM_FIELDS.name, name) for name in ("schedid", "label")), strict=True)
    return [schedid in published and is_handed_out(label) for schedid, label in fields]


PUBLISHED_SESSION_CUSTOM_FIELDS = published_part(
    SESSION_CUSTOM_FIELDS,
    name="published_session_custom_fields",
    description=(
        "The organiser's own fields that the published sessions fill in, one row each, those beyond the contract's "
        "twenty included. Some organisers keep internal notes in such fields: `publish_custom_fields` of an account "
        "names those that are handed out."
    ),
    version="2",
    rows=_rows,
)
