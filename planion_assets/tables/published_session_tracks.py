"""The table `published_session_tracks`: the tracks of the sessions that the public may see."""

from planion_assets.tables.published_sessions import published_part
from planion_assets.tables.session_tracks import SESSION_TRACKS

PUBLISHED_SESSION_TRACKS = published_part(
    SESSION_TRACKS,
    name="published_session_tracks",
    description=(
        "The tracks of the sessions that are published, as `session_tracks` has them: a row per entry of a "
        "session's list."
    ),
)
