"""The table `raw_sessions`: a row for each item of the snapshot, exactly as the feed sent it.

Holds what every other table is derived from, the unusable items too.
"""

from planion_assets.tables.model import READ_IDENTIFIER, Column
from planion_assets.tables.selection import raw_table_of

RAW_SESSIONS = raw_table_of(
    Column.named("schedid", READ_IDENTIFIER, "The session's identifier; null for an item that has no usable one."),
    name="raw_sessions",
    description=(
        "One verified snapshot of the conference's sessions, a row for each item the feed sent, unusable ones "
        "included. With the raw tables of other methods the only one that needs the network: all others are derived "
        "from these, so a column added later is filled from here without a download."
    ),
    code_version="3",
)
