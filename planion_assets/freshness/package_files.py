"""Writing `datapackage.json` and README.md of `published/` where they differ from what the catalog says."""

import contextlib
from collections import defaultdict
from collections.abc import Collection

from planion_assets.storage.file_names import SUFFIX
from planion_assets.storage.files import Files
from planion_assets.storage.log_parts import LogPart, covered_parts, part_of
from planion_assets.tables import data_package
from planion_assets.tables.model import PUBLISHED

_LOG_DEPTH = 2
"""Of the folder of a conference's changes: `<history>/<account>/<conference>`."""


def describe(files: Files) -> None:
    """Write both where they differ from what is to be said of the files that there are. Raises OSError."""
    _replace(files, f"{PUBLISHED}/{data_package.README}", data_package.readme().encode())
    _replace(files, f"{PUBLISHED}/{data_package.DESCRIPTOR}", data_package.descriptor(_names(files)))


def _names(files: Files) -> dict[str, list[str]]:
    """By table the names of its files relative to the folder, in order; only names that a store gives, hence ASCII."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in files.list(PUBLISHED):
        place = name.removeprefix(f"{PUBLISHED}/")
        parts = place.split("/")
        if place.isascii() and place.endswith(SUFFIX) and not any(part.startswith(".") for part in parts):
            found[parts[0].removesuffix(SUFFIX)].append(place)
    return {table: sorted(_uncovered(places)) for table, places in found.items()}


def _uncovered(places: Collection[str]) -> set[str]:
    """All but the files of a change log that a compacted one covers: a refresh that was killed leaves them."""
    parts: dict[str, list[LogPart]] = defaultdict(list)
    for place in places:
        folder, _, name = place.rpartition("/")
        if folder.count("/") == _LOG_DEPTH and (part := part_of(name)):
            parts[folder].append(part)
    covered = {f"{folder}/{part.name}" for folder, found in parts.items() for part in covered_parts(found)}
    return set(places) - covered


def _replace(files: Files, name: str, content: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        if files.read(name) == content:
            return
    files.replace(name, lambda file: file.write(content))
