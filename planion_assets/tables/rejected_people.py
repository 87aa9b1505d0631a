"""The table `rejected_people`: what the feed's Speakers method sent as a person and is none, with the reason."""

from planion_assets.tables.model import ACCOUNT, CONFERENCE, DIGEST, PAYLOAD, READ_IDENTIFIER, TEXT, Column, Table
from planion_assets.tables.rejections import NO_OBJECT, no_usable, outdated, rejections, tied

NO_PID = no_usable("pid")

REJECTED_PEOPLE = Table(
    name="rejected_people",
    description=(
        "Items of the feed's Speakers method that are no row of `speakers`: because they are no objects, have no "
        "usable `pid`, or because another item with other content has the same `pid`. They are in no other table but "
        "`raw_speakers`. An item that only repeats another's content is not here. Only accounts whose `endpoints` name "
        "`speakers` have it."
    ),
    columns=(
        ACCOUNT,
        CONFERENCE,
        Column.named(
            "reason", TEXT, f"Why the item is no person: {NO_OBJECT}; {NO_PID}; {outdated('pid')}; {tied('pid')}."
        ),
        Column.named("pid", READ_IDENTIFIER, "The `pid` of the item; null for one that has none."),
        DIGEST,
        PAYLOAD,
    ),
    key=("reason", "pid", "digest"),
    preview=("reason", "pid", "digest"),
    of_items=lambda items: rejections(items, "pid"),
    upstream=("raw_speakers",),
    endpoint="speakers",
    identifier="pid",
)
