"""The table `rejected_items`: what the feed sent as a session and is none, with the reason."""

from planion_assets.tables.model import ACCOUNT, CONFERENCE, DIGEST, PAYLOAD, READ_IDENTIFIER, TEXT, Column, Table
from planion_assets.tables.rejections import NO_OBJECT, NO_OWNER, no_usable, outdated, rejections, tied

NO_SCHEDID = no_usable("schedid")
OUTDATED = outdated("schedid")
TIED = tied("schedid")

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
        Column.named(
            "reason", TEXT, f"Why the item is no session: {NO_OBJECT}; {NO_SCHEDID}; {NO_OWNER}; {OUTDATED}; {TIED}."
        ),
        Column.named("schedid", READ_IDENTIFIER, "The `schedid` of the item; null for one that has none."),
        DIGEST,
        PAYLOAD,
    ),
    key=("reason", "schedid", "digest"),
    preview=("reason", "schedid", "digest"),
    of_items=lambda items: rejections(items, "schedid"),
    code_version="4",
)
