"""The documents, and what is shown in them."""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def text_of(page: str) -> str:
    """The text of a page, by its path from the root of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


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
