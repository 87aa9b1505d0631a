"""The first changes of a file of a history, as Markdown that the UI renders. Pure.

Values before and after are shown of columns that hold no personal data. A whole row, added or removed, may hold some.
"""

import pyarrow as pa

from planion_assets.defs.rendering.markdown import PREVIEW_ROWS, rows_as_markdown
from planion_assets.tables.catalog import HISTORIES, table
from planion_assets.tables.model import History

_SHOWN = {
    (history.name, tracked.entity, column.name)
    for history in HISTORIES
    for tracked in history.tracked
    for column in table(tracked.table).columns
    if not column.personal
}


def changes_preview(history: History, data: pa.Table) -> str:
    """The first rows as a Markdown table: what changed, and from what into what."""
    # A file of older code has fewer.
    names = [name for name in (*history.preview, "old", "new") if name in data.column_names]
    rows = data.select(names).slice(0, PREVIEW_ROWS).to_pylist()
    hidden = {"old": None, "new": None}
    shown = [row if (history.name, row["entity"], row["column_name"]) in _SHOWN else row | hidden for row in rows]
    return rows_as_markdown(names, shown)
