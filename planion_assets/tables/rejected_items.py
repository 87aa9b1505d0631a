"""The table `rejected_items`: what the feed sent as a session and is none, with the reason."""

from planion_assets.tables.rejections import NO_OBJECT, NO_OWNER, no_usable, outdated, rejected_table, tied

NO_SCHEDID = no_usable("schedid")
OUTDATED = outdated("schedid")
TIED = tied("schedid")

REJECTED_ITEMS = rejected_table(
    "schedid",
    "session",
    (NO_OBJECT, NO_SCHEDID, NO_OWNER, OUTDATED, TIED),
    name="rejected_items",
    description=(
        "Items of the feed that are no sessions: because they are no objects, have no usable `schedid` or do not name "
        "the account and conference that they belong to, or because another item has the same `schedid` and is newer. "
        "They are in no other table but `raw_sessions`; a row here is something to report to the vendor. An item that "
        "only repeats another's content is not here."
    ),
    code_version="4",
)
