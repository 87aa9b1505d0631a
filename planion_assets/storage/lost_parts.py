"""Numbers of a change log that are lost, as the folder of damaged files tells: files that were set aside, and marks."""

import re

from planion_assets.keys import ConferenceKey
from planion_assets.storage import file_names
from planion_assets.storage.atomic_write import DAMAGED
from planion_assets.storage.log_parts import part_of

_MISSING = "missing"
_LOST = re.compile(rf"(\d+)-(?:(\d{{1,8}})-{_MISSING}$)?")
_AGAIN = re.compile(r"(?<=\.parquet)\.\d+$")  # of what was set aside under a name that was taken


def lost_folder(log: str, key: ConferenceKey) -> str:
    """Where files of a conference's change log are that were set aside because they were damaged."""
    return f"{DAMAGED}/{file_names.log_folder(log, key)}"


def missing_mark(log: str, key: ConferenceKey, first: int, last: int) -> str:
    """The file that marks numbers as missing."""
    return f"{lost_folder(log, key)}/{first}-{last}-{_MISSING}"


def lost_numbers(name: str) -> tuple[int, int] | None:
    """The first and last number for which a file of that folder stands; None for one that is of no change."""
    if part := part_of(_AGAIN.sub("", name)):
        return part.first, part.sequence
    match = _LOST.match(name)
    return (int(match[1]), int(match[2] or match[1])) if match else None
