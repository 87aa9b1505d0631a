"""The table `published_session_tracks`: the tracks of the sessions that the public may see."""

from planion_assets.tables.model import Table
from planion_assets.tables.published_sessions import of_published_sessions
from planion_assets.tables.session_tracks import SESSION_TRACKS
from planion_assets.tables.sessions import SESSIONS

PUBLISHED_SESSION_TRACKS = Table(
    name="published_session_tracks",
    description=(
        "The tracks of the sessions that are published, as `session_tracks` has them: a row per entry of a "
        "session's list."
    ),
    columns=SESSION_TRACKS.columns,
    key=SESSION_TRACKS.key,
    preview=SESSION_TRACKS.preview,
    rows=of_published_sessions(SESSION_TRACKS),
    upstream=("session_tracks", "sessions"),
    public=True,
    identity=("schedid", "position"),
    references={"published_sessions": {"schedid": "schedid"}},
    code_version=f"1 of {SESSION_TRACKS.code_version}, {SESSIONS.code_version}",
)
