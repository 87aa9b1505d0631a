"""The names of the files of a change log: one for each change, in the order of a number, or for several, compacted."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

NOTHING = "nothing"
"""Stands for the snapshot before the first one."""
DIGITS = 12
"""Of a digest in a file name; the rows have them all."""
_NAME = re.compile(rf"(\d{{8,}})-(?:(\d{{8,}})-)?({NOTHING}|[0-9a-f]+)-([0-9a-f]+)\.parquet")


@dataclass(frozen=True, slots=True, order=True)
class LogPart:
    """A file of a change log: the number within the conference of its change, of the last one where it holds several,
    and the beginnings of the digests before and after. `changes` is how many it holds; their numbers have no gap."""

    sequence: int
    before: str
    after: str
    changes: int = 1

    @property
    def first(self) -> int:
        """The number of its first change."""
        return self.sequence - self.changes + 1

    @property
    def name(self) -> str:
        """The name of the file, which sorts by number."""
        numbers = f"{self.first:08d}-{self.sequence:08d}" if self.changes > 1 else f"{self.sequence:08d}"
        return f"{numbers}-{self.before}-{self.after}.parquet"

    def leads_to(self, snapshot: str) -> bool:
        """Whether the change is the one to the snapshot with that digest."""
        return self.after == snapshot[:DIGITS]

    def covers(self, other: "LogPart") -> bool:
        """Whether it holds the changes of the other, and more."""
        return self.changes > other.changes and self.first <= other.first and other.sequence <= self.sequence


def part_of(name: str) -> LogPart | None:
    """The file of that name, without a folder; None for a name that is none of a change log."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    if match[2] and last <= first:
        return None
    return LogPart(last, match[3], match[4], last - first + 1)


def compacted(parts: Sequence[LogPart]) -> LogPart:
    """The one file that takes the place of several, which follow each other."""
    return LogPart(parts[-1].sequence, parts[0].before, parts[-1].after, parts[-1].sequence - parts[0].first + 1)


def covered_parts(parts: Collection[LogPart]) -> set[LogPart]:
    """Those that a compacted one covers, and which are to be deleted."""
    several = [part for part in parts if part.changes > 1]
    return {part for part in parts if any(one.covers(part) for one in several)}


def without_covered(parts: Iterable[LogPart]) -> list[LogPart]:
    """The files in order, each change in one of them."""
    found = set(parts)
    return sorted(found - covered_parts(found))
