"""Text of the feed as Markdown that the UI renders: a preview of a table, values without markup of their own. Pure.

Text is made inert before the UI renders it; columns with personal data are never in a preview.
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from planion_assets.tables.model import TableSpec

PREVIEW_ROWS = 5
_CELL_CHARACTERS = 60
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:@/])")


def preview(table: TableSpec, data: pa.Table) -> str:
    """The first rows as a Markdown table of the table's preview columns, without any personal column."""
    names = [name for name in table.preview if not table.column(name).personal]
    return rows_as_markdown(names, data.select(names).slice(0, PREVIEW_ROWS).to_pylist())


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
