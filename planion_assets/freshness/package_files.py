"""Keeping current what `published/` says of itself: `datapackage.json` and a README beside the tables."""

import contextlib
from collections import defaultdict

from planion_assets.storage.file_names import SUFFIX
from planion_assets.storage.files import Files
from planion_assets.tables import data_package
from planion_assets.tables.model import PUBLISHED


def describe(files: Files) -> None:
    """Write both where they differ from what is to be said of the files that there are. Raises OSError."""
    texts = {
        data_package.README: data_package.readme(),
        data_package.DESCRIPTOR: data_package.descriptor(_names(files)),
    }
    for name, text in texts.items():
        _replace(files, f"{PUBLISHED}/{name}", text.encode())


def _names(files: Files) -> dict[str, list[str]]:
    """By table the names of its files relative to the folder, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in files.list(PUBLISHED):
        place = name.removeprefix(f"{PUBLISHED}/")
        parts = place.split("/")
        if place.endswith(SUFFIX) and not any(part.startswith(".") for part in parts):
            found[parts[0].removesuffix(SUFFIX)].append(place)
    return {table: sorted(places) for table, places in found.items()}


def _replace(files: Files, name: str, content: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        if files.read(name) == content:
            return
    files.replace(name, lambda file: file.write(content))
