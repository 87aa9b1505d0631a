"""The table `raw_sessions`: a row for each item of the snapshot, exactly as the feed sent it.

Holds what every other table is derived from, the unusable items too.
"""

from collections.abc import Iterable, Iterator

from planion_assets.tables.items import schedid_of
from planion_assets.tables.model import ACCOUNT, CONFERENCE, IDENTIFIER, TEXT, Column, FeedItem, Record, Table


def _records(items: Iterable[FeedItem]) -> Iterator[Record]:
    for item in items:
        content = item.content if isinstance(item.content, dict) else {}
        yield {
            "schedid": schedid_of(content),
            "digest": item.digest,
            "etag": content.get("_etag"),
            "payload": item.payload,
        }


RAW_SESSIONS = Table(
    name="raw_sessions",
    description=(
        "One verified snapshot of the conference's sessions, a row for each item the feed sent, unusable ones "
        "included. The only table that needs the network: all others are derived from it, so a column added later "
        "is filled from here without a download."
    ),
    columns=(
        ACCOUNT,
        CONFERENCE,
        Column(
            "schedid",
            IDENTIFIER,
            "The session's identifier; null for an item that has no usable one.",
            ("schedid",),
        ),
        Column(
            "digest",
            TEXT,
            "SHA-256 (hex) of the item's content in canonical form, without the bookkeeping "
            "fields that begin with an underscore. Equal content has an equal digest.",
            ("digest",),
        ),
        Column("etag", TEXT, "The feed's own `_etag` of the item, which changes with its content.", ("etag",)),
        Column(
            "payload",
            TEXT,
            "The item as JSON text, character by character as the feed sent it. Holds personal data of speakers.",
            ("payload",),
            personal=True,
        ),
    ),
    key=("schedid", "digest", "etag"),
    preview=("schedid", "digest", "etag"),
    records=_records,
    upstream=(),
)
