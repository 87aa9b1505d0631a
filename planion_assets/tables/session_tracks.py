"""The table `session_tracks`: a row per track of a session."""

from collections.abc import Iterable, Iterator

from planion_assets.tables.fields.tracks import tracks_of
from planion_assets.tables.model import INT32, TEXT, Column, JsonObject, Record, Table
from planion_assets.tables.shared_columns import OWNER_COLUMNS, SCHEDID


def _records(sessions: Iterable[JsonObject]) -> Iterator[Record]:
    for session in sessions:
        for position, track in enumerate(tracks_of(session.get("tracks"))):
            yield {**track, "schedid": session["schedid"], "position": position}


SESSION_TRACKS = Table(
    name="session_tracks",
    description=(
        "The tracks of each session, one row per entry of the session's list. A track is a name with a value, and a "
        "session may have the same name more than once."
    ),
    columns=(
        *OWNER_COLUMNS,
        SCHEDID,
        Column.named("position", INT32, "Place of the entry in the session's list, from 0."),
        Column.named("track", TEXT, "Name of the track or grouping."),
        Column("value", TEXT, "The session's value in it.", ("desc",)),
    ),
    key=("schedid", "position"),
    preview=("schedid", "position", "track", "value"),
    records=_records,
    code_version="3",
)
