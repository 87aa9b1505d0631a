"""The first changes of a file of `session_changes`, as Markdown that the UI renders. Pure.

Values before and after are shown of columns that hold no personal data. A whole row, added or removed, may hold some.
"""

import pyarrow as pa

from planion_assets.defs.rendering.markdown import PREVIEW_ROWS, rows_as_markdown
from planion_assets.tables.history import LINK, SESSION
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS

_SHOWN = {
    (entity, column.name)
    for entity, table in ((SESSION, SESSIONS), (LINK, SESSION_SPEAKERS))
    for column in table.columns
    if not column.personal
}


def changes_preview(data: pa.Table) -> str:
    """The first rows as a Markdown table: what changed, and from what into what."""
    names = (*SESSION_CHANGES.preview, "old", "new")
    rows = data.select(names).slice(0, PREVIEW_ROWS).to_pylist()
    hidden = {"old": None, "new": None}
    shown = [row if (row["entity"], row["column_name"]) in _SHOWN else row | hidden for row in rows]
    return rows_as_markdown(names, shown)
