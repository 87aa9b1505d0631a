"""The table `raw_speakers`: a row for each person of the Speakers method, exactly as the feed sent it.

Only accounts whose `endpoints` name speakers have it. Holds what `speakers` is derived from.
"""

from planion_assets.tables.model import ACCOUNT, CONFERENCE, DIGEST, ETAG, PAYLOAD, READ_IDENTIFIER, Column, Table
from planion_assets.tables.selection import raw_records

RAW_SPEAKERS = Table(
    name="raw_speakers",
    description=(
        "One verified snapshot of the conference's people from the feed's Speakers method, a row for each item the "
        "feed sent, unusable ones included. Read only for accounts whose `endpoints` name `speakers`, and whose "
        "contract includes them."
    ),
    columns=(
        ACCOUNT,
        CONFERENCE,
        Column.named("pid", READ_IDENTIFIER, "The person's identifier; null for an item that has no usable one."),
        DIGEST,
        ETAG,
        PAYLOAD,
    ),
    key=("pid", "digest", "etag"),
    preview=("pid", "digest", "etag"),
    of_items=lambda items: raw_records(items, "pid"),
    upstream=(),
    code_version="3",
    endpoint="speakers",
    identifier="pid",
)
