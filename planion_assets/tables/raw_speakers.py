"""The table `raw_speakers`: a row for each person of the Speakers method, exactly as the feed sent it.

Only accounts whose `endpoints` name speakers have it. Holds what `speakers` is derived from.
"""

from planion_assets.tables.model import READ_IDENTIFIER, Column
from planion_assets.tables.selection import raw_table_of

RAW_SPEAKERS = raw_table_of(
    Column.named("pid", READ_IDENTIFIER, "The person's identifier; null for an item that has no usable one."),
    name="raw_speakers",
    description=(
        "One verified snapshot of the conference's people from the feed's Speakers method, a row for each item the "
        "feed sent, unusable ones included. Read only for accounts whose `endpoints` name `speakers`, and whose "
        "contract includes them."
    ),
    endpoint="speakers",
    identifier="pid",
    code_version="3",
)
