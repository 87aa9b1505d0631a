"""The history `published_changes`: what changed in the published tables, as anybody outside sees it.

Belongs here: its columns. That nothing of what is unpublished stays in it is a matter of `arrow/public_changes.py`.
"""

from collections.abc import Mapping

from planion_assets.tables.history import LINK, PERSON, SESSION, SPELLING, change_columns
from planion_assets.tables.model import IDENTIFIER, INT32, TEXT, Column, History, Tracked


def _identity(row: Mapping[str, str | None]) -> tuple[str | None, ...]:
    """An engagement of another person is another one, whatever its `pslinkid`: of the former no name may stay."""
    person = (row["pid"],) if row["pid"] else (row["fname"], row["lname"])
    return row["schedid"], row["pslinkid"], *person


PUBLISHED_CHANGES = History(
    name="published_changes",
    description=(
        "What changed in `published_sessions`, `published_session_speakers` and `published_speakers`, seen from "
        "outside: what is published reads as added, what is unpublished as removed, and nothing tells of anything "
        "else. Of each session, engagement or person that changed there is one row for the whole, without a "
        "`column_name`: its `changed_columns` tell those that became null from those that did not change. Beside it "
        "there is a row for each column that changed. A person who loses an engagement is "
        "removed and added. Of what was unpublished no value stays, in earlier changes neither. For anybody: an app "
        "vendor, a web team, the public."
    ),
    columns=change_columns(
        "When the changed snapshot was read from the feed, or the tables were restated.",
        f"{SESSION} (a row of `published_sessions`), {LINK} (one of `published_session_speakers`) or {PERSON} (one of "
        "`published_speakers`)",
        Column(
            "schedid", IDENTIFIER, "The session that changed, or that the engagement belongs to; null for a person."
        ),
        Column("pid", IDENTIFIER, "The person who changed, or who is engaged; null for a session."),
        Column("pslinkid", IDENTIFIER, "The engagement's identifier; null where the feed has none, and for all else."),
        Column(
            "position",
            INT32,
            "`position` of the engagement before the change, after it for an added one; null for all else.",
        ),
        values=(
            Column(
                "changed_columns",
                TEXT,
                "In the row for the whole of what changed, the names of all columns that did, as a JSON list; null in "
                "all other rows, and for what was added or removed.",
            ),
            Column(
                "old",
                TEXT,
                "The value before; null for what was removed. Without a `column_name` a JSON object of all changed "
                f"columns, with the nulls. {SPELLING}",
                personal=True,
            ),
            Column(
                "new",
                TEXT,
                "The value after, spelled like `old`, or the added row. Null also where it was unpublished since.",
                personal=True,
            ),
        ),
    ),
    key=("sequence", "schedid", "pid", "entity", "pslinkid", "position", "kind", "column_name"),
    preview=("sequence", "cause", "entity", "kind", "schedid", "pid", "pslinkid", "column_name"),
    public=True,
    tracked=(
        Tracked(SESSION, "published_sessions", ("schedid",), lambda row: (row["schedid"],)),
        Tracked(LINK, "published_session_speakers", ("schedid", "position"), _identity),
        Tracked(PERSON, "published_speakers", ("pid",), lambda row: (row["pid"],), derived_from=LINK),
    ),
)
