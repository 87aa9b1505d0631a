"""The documents, and what is shown in them."""

import re
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
_WRITTEN_BY_COMMANDS = ("data/published", "sandbox-data", "site")
"""Folders of which a refresh, or `make docs`, writes the pages."""
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@cache
def documents() -> list[Path]:
    """The pages of the repository, without links to them and without those that commands write into a checkout."""
    written = [ROOT / folder for folder in _WRITTEN_BY_COMMANDS]
    # What is below .venv is a hundred times as much.
    pages = (path for top in ROOT.glob("[!.]*") for path in ([top] if top.suffix == ".md" else top.rglob("*.md")))
    return sorted(
        path
        for path in pages
        if not path.is_symlink()
        and not any(part[0] == "." for part in path.relative_to(ROOT).parts)
        and not any(path.is_relative_to(folder) for folder in written)
    )


def text_of(page: str) -> str:
    """The text of a page, by its path from the root of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def prose(page: str | Path) -> str:
    """A page without its blocks of code."""
    return _FENCED.sub("", (ROOT / page).read_text(encoding="utf-8"))


def anchors(page: str | Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "]", heading).lower()).strip().replace(" ", "-")
        number = 0
        while (anchor := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(anchor)
    return found


def python_blocks(page: str) -> list[str]:
    """The blocks of Python that a page shows, in their order."""
    return blocks(page, "python")


def blocks(page: str, language: str) -> list[str]:
    """The blocks of a language that a page shows, in their order."""
    return re.findall(rf"```{language}\n(.*?)```", text_of(page), re.DOTALL)


def module_of(code: str, page: str) -> dict[str, Any]:
    """The names that a block of Python defines, run as a module."""
    module: dict[str, Any] = {"__name__": "sample"}
    exec(compile(code, page, "exec"), module)  # noqa: S102 - the project's own page
    return module
