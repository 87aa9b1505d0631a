"""The table `rejected_items`: what the feed sent as a session and cannot be one, with the reason."""

from collections.abc import Iterable, Iterator

from planion_assets.tables.items import schedid_of
from planion_assets.tables.model import ACCOUNT, CONFERENCE, TEXT, Column, FeedItem, Record, Table

NO_OBJECT = "not an object"
NO_SCHEDID = "no usable schedid"


def _records(items: Iterable[FeedItem]) -> Iterator[Record]:
    for item in items:
        if schedid_of(item.content) is None:
            reason = NO_SCHEDID if isinstance(item.content, dict) else NO_OBJECT
            yield {"reason": reason, "digest": item.digest, "payload": item.payload}


REJECTED_ITEMS = Table(
    name="rejected_items",
    description=(
        "Items of the feed that cannot be sessions, because they are no objects or have no usable `schedid`. They are "
        "in no other table but `raw_sessions`; a row here is something to report to the vendor."
    ),
    columns=(
        ACCOUNT,
        CONFERENCE,
        Column("reason", TEXT, f"Why the item is no session: {NO_OBJECT}, or {NO_SCHEDID}.", ("reason",)),
        Column("digest", TEXT, "SHA-256 (hex) of the item's content, as in `raw_sessions`.", ("digest",)),
        Column("payload", TEXT, "The item as JSON text, character by character.", ("payload",), personal=True),
    ),
    key=("reason", "digest"),
    preview=("reason", "digest"),
    records=_records,
)
