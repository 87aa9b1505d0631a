"""`planion explain`: what a message means and what to do, from a page of the documents that comes with the package.

Which message leads to which heading of the page is in guide.py.
"""

import difflib
import re
from pathlib import Path
from posixpath import normpath

import click
from click.shell_completion import CompletionItem

from planion_assets.cli.command_options import end, refuse

_FOLDER, _NAME = "docs/how-to", "monday-morning.md"
_LINK = re.compile(r"\[([^]]+)\]\(([^)#]*)#?([^)]*)\)")


def sections() -> dict[str, dict[str, str]]:
    """Chapter -> anchor of each heading in it -> its Markdown, heading included."""
    text = Path(__file__).with_name(_NAME).read_text(encoding="utf-8")
    chapters = {}
    for chapter in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, *parts = re.split(r"^### ", chapter, flags=re.MULTILINE)
        chapters[title.partition("\n")[0]] = {_anchor(part.partition("\n")[0]): part.strip() for part in parts}
    return chapters


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _plain(markdown: str) -> str:
    """Markdown with each link as text that says where it leads."""

    def link(found: re.Match[str]) -> str:
        text, page, anchor = found.groups()
        return f"{text} ({normpath(f'{_FOLDER}/{page}') if page else f'planion explain {anchor}'})"

    return _LINK.sub(link, markdown)


def _complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(one) for chapter in sections().values() for one in chapter if one.startswith(incomplete)]


@click.command()
@click.argument("heading", required=False, shell_complete=_complete)
def explain(heading: str | None) -> None:
    """Say what a failure means and what to do about it; the message of the failure ends in its HEADING.

    Without HEADING all of them are listed. Paths are pages of the project's documents. Exits 2 where there is no such
    heading.
    """
    chapters = sections()
    if heading is None:
        for title, chapter in chapters.items():
            click.echo("\n".join([title, *(f"  {anchor}" for anchor in chapter)]))
        end()
    known = {anchor: text for chapter in chapters.values() for anchor, text in chapter.items()}
    if heading not in known:
        near = difflib.get_close_matches(heading, known, n=1)
        refuse(f"{heading!r} is no heading; " + (f"did you mean {near[0]}?" if near else "`planion explain` lists all"))
    click.echo(_plain(known[heading]))
    end()
