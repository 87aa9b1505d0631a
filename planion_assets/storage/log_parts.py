"""What the files of a change log are called: one for each change of a conference's snapshot, in the order of a number.

Belongs here: their names. When one is written is in `planion_assets.refresh.change_log`, and how it comes to be
although a writer can die at any moment in the two homes (`local_store.py`, `object_store.py`).
"""

import re
from dataclasses import dataclass

NOTHING = "nothing"
"""Stands for the snapshot before the first one."""
DIGITS = 12
"""Of a digest in a file name; the rows have them all."""
_NAME = re.compile(rf"(\d{{8,}})-({NOTHING}|[0-9a-f]+)-([0-9a-f]+)\.parquet")


@dataclass(frozen=True, slots=True, order=True)
class LogPart:
    """A file of a change log: its number within the conference, and the beginnings of the digests before and after."""

    sequence: int
    before: str
    after: str

    @property
    def name(self) -> str:
        """The name of the file, which sorts by number."""
        return f"{self.sequence:08d}-{self.before}-{self.after}.parquet"

    def leads_to(self, snapshot: str) -> bool:
        """Whether the change is the one to the snapshot with that digest."""
        return self.after == snapshot[:DIGITS]


def part_of(name: str) -> LogPart | None:
    """The file of that name, without a folder; None for a name that is none of a change log."""
    match = _NAME.fullmatch(name)
    return LogPart(int(match[1]), match[2], match[3]) if match else None
