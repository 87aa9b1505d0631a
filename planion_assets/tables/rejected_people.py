"""The table `rejected_people`: what the feed's Speakers method sent as a person and is none, with the reason."""

from planion_assets.tables.rejections import NO_OBJECT, no_usable, outdated, rejected_table, tied

NO_PID = no_usable("pid")

REJECTED_PEOPLE = rejected_table(
    "pid",
    "person",
    (NO_OBJECT, NO_PID, outdated("pid"), tied("pid")),
    name="rejected_people",
    description=(
        "Items of the feed's Speakers method that are no row of `speakers`: because they are no objects, have no "
        "usable `pid`, or because another item with other content has the same `pid`. They are in no other table but "
        "`raw_speakers`. An item that only repeats another's content is not here. Only accounts whose `endpoints` name "
        "`speakers` have it."
    ),
    upstream=("raw_speakers",),
    endpoint="speakers",
)
