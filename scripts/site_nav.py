"""What MkDocs is to know beside mkdocs.yml: the decisions, in the sections of their own page of contents.

A hook of MkDocs (`hooks` in mkdocs.yml). A decision is listed once, in docs/decisions/README.md.
"""

import re
from pathlib import Path
from typing import Any

_FOLDER = "docs/decisions"
_PAGE = re.compile(r"^- \[(.+)\]\((.+\.md)\)$", re.MULTILINE)


def on_config(config: Any) -> Any:
    """Replace the entry of the folder in the navigation by its contents, a section for each of their headings."""
    text = (Path(config.config_file_path).parent / _FOLDER / "README.md").read_text(encoding="utf-8")
    sections: list[Any] = [f"{_FOLDER}/README.md"]
    for section in text.split("\n## ")[1:]:
        pages = [{title.replace("`", ""): f"{_FOLDER}/{page}"} for title, page in _PAGE.findall(section)]
        sections.append({section.partition("\n")[0]: pages})
    for entry in config.nav:
        for title, place in entry.items():
            if place == _FOLDER:
                entry[title] = sections
    return config
