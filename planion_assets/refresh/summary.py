"""What came of a run over many conferences, counted."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Failed, Outcome

_NAMES = 10  # of conferences in a line


@dataclass(slots=True)
class Summary:
    """What came of a run over conferences. `failed` has the reason by conference, also where it failed in part."""

    failed: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    derived: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count a conference."""
        if isinstance(outcome, Failed):
            self.fail(outcome.key, outcome.reason)
            return
        for problem in outcome.problems:
            self.fail(outcome.key, problem)
        if outcome.changed:
            self.changed.append(str(outcome.key))
        elif outcome.read:
            self.unchanged += 1
        else:
            self.derived += 1

    def fail(self, key: ConferenceKey, reason: str) -> None:
        """Note a reason why a conference failed."""
        before = self.failed.get(str(key))
        self.failed[str(key)] = f"{before}; {reason}" if before else reason

    @property
    def refreshed(self) -> int:
        """How many conferences did not fail as a whole."""
        return len(self.changed) + self.unchanged + self.derived

    def __str__(self) -> str:
        """One line, which names the conferences that changed or failed."""
        parts = [
            f"{len(self.changed) + self.unchanged} read",
            f"{self.unchanged} unchanged",
            f"{len(self.changed)} changed{_named(self.changed)}",
            f"{len(self.failed)} failed{_named(self.failed)}",
        ]
        return ", ".join(parts + ([f"{self.derived} derived from what was stored"] if self.derived else []))


def _named(keys: Iterable[str]) -> str:
    names = sorted(keys)  # conferences end in any order
    if not names:
        return ""
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return f" ({', '.join(names[:_NAMES])}{more})"
