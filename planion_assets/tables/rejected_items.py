"""The table `rejected_items`: what the feed sent as a session and is none, with the reason."""

from collections.abc import Iterator, Sequence

from planion_assets.members import member
from planion_assets.tables.model import (
    ACCOUNT,
    CONFERENCE,
    DIGEST,
    PAYLOAD,
    READ_IDENTIFIER,
    TEXT,
    Column,
    FeedItem,
    Record,
    Table,
)
from planion_assets.tables.selection import choose, is_newer, readable_identifier

NO_OBJECT = "not an object"
NO_SCHEDID = "no usable schedid"
NO_OWNER = "no account or conference"
OUTDATED = "lost to a newer item of the same schedid"
TIED = "lost to another item of the same schedid, neither being newer"


def _of_items(items: Sequence[FeedItem]) -> Iterator[Record]:
    chosen = choose(items, "schedid")
    for item in chosen.nameless:
        yield {**_reason(item), "digest": item.digest, "item": item}
    for schedid, (winner, *losers) in chosen.ranked.items():
        for loser in losers:
            reason = OUTDATED if is_newer(winner, loser) else TIED
            yield {"reason": reason, "schedid": schedid, "digest": loser.digest, "item": loser}


def _reason(item: FeedItem) -> Record:
    """Why an item has no identifier, with the `schedid` that it would have."""
    content = item.content
    if not isinstance(content, dict):
        return {"reason": NO_OBJECT}
    schedid = readable_identifier(member(content, "schedid"))
    # The reader takes the identifier from an item that does not say whose it is, and from no other.
    return {"reason": NO_OWNER, "schedid": schedid} if schedid else {"reason": NO_SCHEDID}


REJECTED_ITEMS = Table(
    name="rejected_items",
    description=(
        "Items of the feed that are no sessions: because they are no objects, have no usable `schedid` or do not name "
        "the account and conference that they belong to, or because another item has the same `schedid` and is newer. "
        "They are in no other table but `raw_sessions`; a row here is something to report to the vendor. An item that "
        "only repeats another's content is not here."
    ),
    columns=(
        ACCOUNT,
        CONFERENCE,
        Column(
            "reason",
            TEXT,
            f"Why the item is no session: {NO_OBJECT}; {NO_SCHEDID}; {NO_OWNER}; {OUTDATED}; {TIED}.",
            ("reason",),
        ),
        Column("schedid", READ_IDENTIFIER, "The `schedid` of the item; null for one that has none.", ("schedid",)),
        DIGEST,
        PAYLOAD,
    ),
    key=("reason", "schedid", "digest"),
    preview=("reason", "schedid", "digest"),
    of_items=_of_items,
    code_version="4",
)
