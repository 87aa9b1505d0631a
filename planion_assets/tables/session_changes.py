"""The history `session_changes`: a row for each thing that changed in `sessions` and `session_speakers`.

Belongs here: its columns and the words in them. How two snapshots are compared is in `changes.py`.
"""

from planion_assets.tables.model import ACCOUNT, CONFERENCE, IDENTIFIER, INSTANT, INT32, TEXT, Column, History

SESSION = "session"
LINK = "speaker_link"
ADDED = "added"
REMOVED = "removed"
CHANGED = "changed"

_SPELLING = (
    "A changed value is text from which it can be read back exactly: text as it is, true or false, numbers in their "
    "shortest form, dates and times as ISO 8601, null for null. A whole row is a JSON object of such texts by column, "
    "without the nulls."
)

SESSION_CHANGES = History(
    name="session_changes",
    description=(
        "What changed in `sessions` and `session_speakers` from one snapshot to the next: a row for each session or "
        "speaker link that was added or removed, and for each column of one that was changed. Appended as a file per "
        "change of the snapshot, numbered in order and never rewritten; a conference's first snapshot has no rows. "
        "Both snapshots are read by the same code with the same settings, so a row is always a change of the feed. "
        "Applied to the tables of `snapshot_before`, the rows give those of `snapshot_after`."
    ),
    columns=(
        ACCOUNT,
        CONFERENCE,
        Column(
            "sequence",
            INT32,
            "Number of the change within the conference, in the order in which they happened: remember the last one "
            "you have handled.",
        ),
        Column("detected_at", INSTANT, "When the changed snapshot was read from the feed."),
        Column("entity", TEXT, f"What changed: {SESSION} (a row of `sessions`) or {LINK} (one of `session_speakers`)."),
        Column("kind", TEXT, f"How it changed: {ADDED}, {REMOVED} or {CHANGED}."),
        Column("schedid", IDENTIFIER, "The session that changed, or that the link belongs to."),
        Column("pslinkid", IDENTIFIER, "The engagement's identifier; null for a session, and where the feed has none."),
        Column(
            "position",
            INT32,
            "Place of the link in its session's list before the change, after it for an added one; null for a session. "
            "With `schedid` it tells links apart whose `pslinkid` is blank or repeated.",
        ),
        Column("column_name", TEXT, f"The column that was {CHANGED}; null for a whole row."),
        Column("old", TEXT, f"The value before, or the {REMOVED} row. {_SPELLING}", personal=True),
        Column("new", TEXT, "The value after, or the added row, spelled like `old`.", personal=True),
        Column("snapshot_before", TEXT, "Digest of the snapshot before the change (`planion.snapshot`)."),
        Column("snapshot_after", TEXT, "Digest of the snapshot after the change."),
    ),
    key=("sequence", "schedid", "entity", "pslinkid", "position", "kind", "column_name"),
    preview=("sequence", "entity", "kind", "schedid", "pslinkid", "column_name"),
)
