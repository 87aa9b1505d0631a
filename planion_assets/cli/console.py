"""Tables and lines on standard output: in colour and fitted to the terminal by rich, plain where it is not installed.

Belongs here: how text is laid out. The text itself is in status.py and check_report.py.
"""

import contextlib
import importlib.util
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from rich.console import Console

_PIPE_WIDTH = 200  # columns where there is no terminal to be as wide as
_GAP = "  "


class Styled(NamedTuple):
    """A text and its style, as rich writes styles."""

    text: str
    style: str = ""


def has_rich() -> bool:
    """Whether the extra `cli` is installed."""
    return importlib.util.find_spec("rich") is not None


def print_columns(headings: Sequence[str], rows: Sequence[Sequence[Styled]], right: Collection[str] = ()) -> None:
    """A line per row below the headings, those columns that `right` names aligned to the right."""
    if not has_rich():
        for line in _lines([tuple(map(Styled, headings)), *rows], [heading in right for heading in headings]):
            click.echo(line)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left")
    for row in rows:
        table.add_row(*(Text(cell.text, cell.style) for cell in row))
    _console().print(table)


def print_line(text: str, style: str = "") -> None:
    """A line, however long."""
    if not has_rich():
        click.echo(text)
        return
    from rich.text import Text

    _console().print(Text(text, style), soft_wrap=True)


def display_path(address: str | Path) -> str:
    """A path or address to print: a path is relative where it lies below the current directory."""
    if "://" in str(address):
        return str(address)
    path = Path(address)
    with contextlib.suppress(FileNotFoundError):  # that directory may have been deleted
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    return str(path)


def _console() -> "Console":
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def _lines(rows: Sequence[Sequence[Styled]], right: Sequence[bool]) -> list[str]:
    widths = [max(len(cell.text) for cell in column) for column in zip(*rows, strict=True)]
    return [
        _GAP.join(
            cell.text.rjust(width) if to_the_right else cell.text.ljust(width)
            for cell, width, to_the_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    ]
