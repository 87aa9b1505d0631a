"""The documents, and what is shown in them."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def text_of(page: str) -> str:
    """The text of a page, by its path from the root of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def python_blocks(page: str) -> list[str]:
    """The blocks of Python that a page shows, in their order."""
    return re.findall(r"```python\n(.*?)```", text_of(page), re.DOTALL)
