"""Names that a file gives twice, or that would share a file.

Belongs here: accounts and conferences that are repeated, one line each without the file's name.
Does not belong here: keys that are repeated (yaml_text.py), anything wrong with one entry alone (models.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from planion_assets.keys import path_name, shown


def duplicates(document: Mapping[str, Any]) -> Iterator[str]:
    """Of the document and not of the models: these exist only when nothing else is wrong."""
    accounts = document.get("accounts")
    yield from _repeated(accounts, "account", "accounts")
    for index, entry in enumerate(accounts if isinstance(accounts, list) else ()):
        conferences = entry.get("conferences") if isinstance(entry, dict) else None
        if isinstance(conferences, list) and len(conferences) > 1:
            yield from _repeated(conferences, "conference", f"accounts[{index}].conferences")


def _repeated(entries: object, key: str, where: str) -> Iterator[str]:
    """Names whose files have one name where letter case is ignored, as disks of macOS and Windows do.

    Refused on every disk: tables are copied from one to another, and a file of settings means the same on both.
    """
    first: dict[str, tuple[int, str]] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = entry.get(key) if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            continue
        before, other = first.setdefault(_file_name(name), (index, name))
        if before == index:
            continue
        if name == other:
            yield f"{where}[{index}].{key}: {shown(name)} is in {where}[{before}] already; keep one"
        else:
            yield (
                f"{where}[{index}].{key}: {shown(name)} is {shown(other)} of {where}[{before}] in other letter case, "
                "and many disks would make one file of both; keep one, or read the other with a file and a data folder "
                "of its own"
            )


def _file_name(name: str) -> str:
    """What a disk that ignores letter case tells names apart by. Letters beyond ASCII are percent-encoded in paths."""
    if name.isalnum() and name.isascii():
        return name.lower()
    try:
        return path_name(name).lower()
    except UnicodeEncodeError:  # a lone surrogate, which the models refuse
        return name
