"""The table `rejected_items`: what the feed sent as a session and cannot be one, with the reason."""

from collections.abc import Iterable, Iterator

from planion_assets.tables.items import identifier_of
from planion_assets.tables.model import ACCOUNT, CONFERENCE, DIGEST, PAYLOAD, TEXT, Column, FeedItem, Record, Table

NO_OBJECT = "not an object"
NO_SCHEDID = "no usable schedid"


def _records(items: Iterable[FeedItem]) -> Iterator[Record]:
    for item in items:
        if identifier_of(item.content, "schedid") is None:
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
        DIGEST,
        PAYLOAD,
    ),
    key=("reason", "digest"),
    preview=("reason", "digest"),
    records=_records,
)
