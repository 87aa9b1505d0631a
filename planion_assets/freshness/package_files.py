"""Writing `datapackage.json` and README.md of `published/` where they differ from what the catalog says."""

import contextlib
from collections import defaultdict

from planion_assets.storage.file_names import SUFFIX
from planion_assets.storage.files import Files
from planion_assets.storage.log_parts import LogPart, part_of, without_covered
from planion_assets.tables import data_package
from planion_assets.tables.model import PUBLISHED

_LOG_DEPTH = 2
"""Of the folder of a conference's changes: `<history>/<account>/<conference>`."""


def describe(files: Files) -> None:
    """Write both where they differ from what is to be said of the files that there are. Raises OSError."""
    _replace(files, f"{PUBLISHED}/{data_package.README}", data_package.readme().encode())
    _replace(files, f"{PUBLISHED}/{data_package.DESCRIPTOR}", data_package.descriptor(_names(files)))


def _names(files: Files) -> dict[str, list[str]]:
    """By table the names of its files relative to the folder, in order; only names that a store gives, hence ASCII.

    Files of a change log that a compacted one covers are left out: a refresh that was killed leaves them.
    """
    found: dict[str, list[str]] = defaultdict(list)
    logs: dict[str, list[LogPart]] = defaultdict(list)
    for name in files.list(PUBLISHED):
        place = name.removeprefix(f"{PUBLISHED}/")
        folder, _, file = place.rpartition("/")
        if not place.isascii() or not file.endswith(SUFFIX) or any(part.startswith(".") for part in place.split("/")):
            continue
        if folder.count("/") == _LOG_DEPTH and (part := part_of(file)) and part.name == file:
            logs[folder].append(part)
        else:
            found[place.split("/")[0].removesuffix(SUFFIX)].append(place)
    for folder, parts in logs.items():
        found[folder.split("/")[0]] += [f"{folder}/{part.name}" for part in without_covered(parts)]
    return {table: sorted(places) for table, places in found.items()}


def _replace(files: Files, name: str, content: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        if files.read(name) == content:
            return
    files.replace(name, lambda file: file.write(content))
