"""Names that a file gives twice.

Belongs here: accounts and conferences that are repeated, one line each without the file's name.
Does not belong here: keys that are repeated (yaml_text.py), anything wrong with one entry alone (models.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from planion_assets.keys import shown


def duplicates(document: Mapping[str, Any]) -> Iterator[str]:
    """Of the document and not of the models: these exist only when nothing else is wrong."""
    accounts = document.get("accounts")
    yield from _repeated(accounts, "account", "accounts")
    for index, entry in enumerate(accounts if isinstance(accounts, list) else ()):
        if isinstance(entry, dict):
            yield from _repeated(entry.get("conferences"), "conference", f"accounts[{index}].conferences")


def _repeated(entries: object, key: str, where: str) -> Iterator[str]:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(name, str) and name and first.setdefault(name, index) != index:
            yield f"{where}[{index}].{key}: {shown(name)} is in {where}[{first[name]}] already; keep one"
