"""What histories have in common: their words, and the columns of a change.

Belongs here: what a change is called. Which tables a history tracks is declared in the module of its name; how two
states of a table are compared is in `arrow/diff.py`.
"""

from planion_assets.tables.model import INSTANT, INT32, TEXT, Column
from planion_assets.tables.shared_columns import OWNER_COLUMNS

SESSION = "session"
LINK = "speaker_link"
PERSON = "person"
ADDED = "added"
REMOVED = "removed"
CHANGED = "changed"
FEED = "feed"
RESTATED = "restated"

SPELLING = (
    "A changed value is text from which it can be read back exactly: text as it is, true or false, numbers in their "
    "shortest form, dates and times as ISO 8601, null for null. A whole row is a JSON object of such texts by column, "
    "without the nulls."
)
_VALUES = (
    Column("old", TEXT, f"The value before, or the {REMOVED} row. {SPELLING}", personal=True),
    Column("new", TEXT, "The value after, or the added row, spelled like `old`.", personal=True),
)


def change_columns(
    detected: str, entities: str, *named: Column, values: tuple[Column, ...] = _VALUES
) -> tuple[Column, ...]:
    """The columns of a history: `named` tell which row changed, `values` what it was and is."""
    return (
        *OWNER_COLUMNS,
        Column(
            "sequence",
            INT32,
            "Number of the change within the conference, in the order in which they happened: remember the last one "
            "you have handled.",
        ),
        Column("detected_at", INSTANT, detected),
        Column("entity", TEXT, f"What changed: {entities}."),
        Column("kind", TEXT, f"How it changed: {ADDED}, {REMOVED} or {CHANGED}."),
        *named,
        Column("column_name", TEXT, f"The column that was {CHANGED}; null for a whole row."),
        *values,
        Column("snapshot_before", TEXT, "Digest of the snapshot before the change (`planion.snapshot`)."),
        Column(
            "snapshot_after",
            TEXT,
            f"Digest of the snapshot after the change; the same where people changed or it is {RESTATED}.",
        ),
        Column(
            "cause",
            TEXT,
            f"Why the table changed: {FEED} (the feed had something else) or {RESTATED} (the same snapshot read by "
            "other code or with other settings, such as another time zone). Null in files of older code, which record "
            "the feed alone.",
        ),
    )
