"""The history `session_changes`: a row for each thing that changed in `sessions` and `session_speakers`."""

from collections.abc import Mapping

from planion_assets.tables.history import LINK, SESSION, change_columns
from planion_assets.tables.model import IDENTIFIER, INT32, Column, History, Tracked


def link_identity(row: Mapping[str, str | None]) -> tuple[str | None, ...]:
    """An engagement is known by its session and `pslinkid`, or `pid` where that is blank."""
    return row["schedid"], row["pslinkid"], None if row["pslinkid"] else row["pid"]


SESSION_CHANGES = History(
    name="session_changes",
    description=(
        "What changed in `sessions` and `session_speakers` from one state to the next: a row for each session or "
        "speaker link that was added or removed, and for each column of one that was changed. Appended as a file per "
        "change, numbered in order, of which old ones become one; a conference's first snapshot has no rows. Applied "
        "in order to the tables of a state, the rows give those of the next, always: `cause` says whether the feed "
        "changed, or the same snapshot was read by other code or with another zone."
    ),
    columns=change_columns(
        "When the changed snapshot was read from the feed, or the tables were restated.",
        f"{SESSION} (a row of `sessions`) or {LINK} (one of `session_speakers`)",
        Column("schedid", IDENTIFIER, "The session that changed, or that the link belongs to."),
        Column("pslinkid", IDENTIFIER, "The engagement's identifier; null for a session, and where the feed has none."),
        Column(
            "position",
            INT32,
            "Place of the link in its session's list before the change, after it for an added one; null for a session. "
            "With `schedid` it tells links apart whose `pslinkid` is blank or repeated.",
        ),
    ),
    key=("sequence", "schedid", "entity", "pslinkid", "position", "kind", "column_name"),
    preview=("sequence", "cause", "entity", "kind", "schedid", "pslinkid", "column_name"),
    tracked=(
        Tracked(SESSION, "sessions", ("schedid",), lambda row: (row["schedid"],)),
        Tracked(LINK, "session_speakers", ("schedid", "position"), link_identity),
    ),
)
