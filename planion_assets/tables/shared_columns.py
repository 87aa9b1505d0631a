"""Columns that several tables have."""

from planion_assets.tables.model import IDENTIFIER, JSON, VERBATIM, Column

OWNER_COLUMNS = (
    Column.named("account", IDENTIFIER, "Acronym of the account that the conference belongs to."),
    Column.named("conference", IDENTIFIER, "Acronym of the conference (the container) within the account."),
)
"""What every table begins with."""
EXTRA = Column.named(
    "extra",
    JSON,
    "What the feed sent beside the fields that have a column, as a JSON object with the feed's keys; null for nothing. "
    "May hold personal data.",
    personal=True,
)
DIGEST = Column.named(
    "digest",
    VERBATIM,
    "SHA-256 (hex) of the item's content in canonical form, without the bookkeeping "
    "fields that begin with an underscore. Equal content has an equal digest.",
)
ETAG = Column.named("etag", VERBATIM, "The feed's own `_etag` of the item, which changes with its content.")
PAYLOAD = Column.named(
    "payload",
    VERBATIM,
    "The item as JSON text, character by character as the feed sent it. Holds personal data.",
    personal=True,
)
SCHEDID = Column.named(
    "schedid",
    IDENTIFIER,
    "The session's identifier: unique within a conference, and the only "
    "identifier of a session that the vendor calls unique.",
)
