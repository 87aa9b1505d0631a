"""Text of the feed as Markdown that the UI renders: previews of tables and histories. Pure.

Text is made inert before the UI renders it; columns with personal data are never in a preview. Of a history, the values
before and after are shown of columns without personal data; a whole row, added or removed, may hold some.
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from planion_assets.tables.catalog import HISTORIES, table
from planion_assets.tables.model import History, TableSpec

PREVIEW_ROWS = 5
_CELL_CHARACTERS = 60
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:@/])")
_NOT_PERSONAL = {
    (history.name, tracked.entity, column.name)
    for history in HISTORIES
    for tracked in history.tracked
    for column in table(tracked.table).columns
    if not column.personal
}


def preview(declared: TableSpec, data: pa.Table) -> str:
    """The first rows as a Markdown table of the table's preview columns, without any personal column."""
    names = [name for name in declared.preview if not declared.column(name).personal]
    return rows_as_markdown(names, data.select(names).slice(0, PREVIEW_ROWS).to_pylist())


def changes_preview(history: History, data: pa.Table) -> str:
    """The first rows of a file of a history as a Markdown table: what changed, and from what into what."""
    # A file of older code has fewer columns.
    names = [name for name in (*history.preview, "old", "new") if name in data.column_names]
    rows = data.select(names).slice(0, PREVIEW_ROWS).to_pylist()
    for row in rows:
        if (history.name, row["entity"], row["column_name"]) not in _NOT_PERSONAL:
            row |= {"old": None, "new": None}
    return rows_as_markdown(names, rows)


def rows_as_markdown(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """A Markdown table of those columns of the rows."""
    lines = [_row(names), _row(["---"] * len(names), escape=False)]
    lines += [_row([row[name] for name in names]) for row in rows]
    return "\n".join(lines) if rows else "no rows"


def _row(cells: Sequence[Any], *, escape: bool = True) -> str:
    return "| " + " | ".join(inert(cell) if escape else str(cell) for cell in cells) + " |"


def inert(value: Any, characters: int = _CELL_CHARACTERS) -> str:
    """A value as one line of Markdown that renders as its own characters: no HTML, links, images or markup."""
    if value is None:
        return ""
    return _MARKDOWN.sub(r"\\\1", html.escape(one_line(str(value), characters), quote=False))


def one_line(text: str, characters: int = _CELL_CHARACTERS) -> str:
    """The text's printable characters in one short line, for a place where they are shown as they are."""
    words = " ".join(text.split())
    line = "".join(character for character in words if character.isprintable())
    return line if len(line) <= characters else line[: characters - 1] + "…"
