"""The history `speaker_changes`: a row for each thing that changed in `speakers`."""

from planion_assets.tables.history import PERSON, change_columns
from planion_assets.tables.model import IDENTIFIER, Column, History, Tracked

SPEAKER_CHANGES = History(
    name="speaker_changes",
    description=(
        "What changed in `speakers` from one state to the next: a row for each person who was added or removed, and "
        "for each column of one that was changed. As `session_changes` is for sessions: a file per change, numbered "
        "in order, old ones in one, and none for accounts whose `endpoints` do not name `speakers`."
    ),
    columns=change_columns(
        "When the changed snapshot was read from the feed, or the table was restated.",
        f"always {PERSON} (a row of `speakers`)",
        Column("pid", IDENTIFIER, "The person who changed."),
    ),
    key=("sequence", "pid", "kind", "column_name"),
    preview=("sequence", "cause", "entity", "kind", "pid", "column_name"),
    upstream=("raw_speakers",),
    tracked=(Tracked(PERSON, "speakers", ("pid",), lambda row: (row["pid"],)),),
)
