"""What a verification finds, as values that the command prints and a run reports."""

from dataclasses import dataclass, field
from enum import StrEnum

from planion_assets.guide import Heading, see, without_see
from planion_assets.keys import ConferenceKey
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.store import StoreError

REPAIR = "run `planion verify --repair`"
SET_ASIDE = "`planion verify --repair` sets it aside, or move it away"
REREAD = "`planion verify --repair` sets it aside and reads the feed anew"
NEXT_REFRESH = "the next refresh makes it anew"
CONFIGURE = "name the conference in planion.yaml and run `planion verify --repair`, or move its files away"


class FindingKind(StrEnum):
    """What is wrong with a file; the last two are no damage."""

    DAMAGED = "damaged"
    MISSING = "missing"
    FOREIGN = "not ours"
    OUTDATED = "outdated"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Finding:
    """One file that is not what it should be: `problem` says why and `remedy` what to do, in words for a person.

    `name` is that of `planion_assets.storage.files`.
    """

    name: str
    kind: FindingKind
    problem: str
    remedy: str

    @property
    def is_damage(self) -> bool:
        """Whether readers of the file may read what is wrong; else the next refresh replaces it, or it harms nobody."""
        return self.kind not in (FindingKind.OUTDATED, FindingKind.NOTED)

    def line(self, address: str) -> str:
        """The finding in one line; `address` is how the file is shown."""
        line = f"{address}: {self.kind}: {without_see(self.problem)}; {self.remedy}"
        return see(line, Heading.DAMAGED) if self.is_damage else line


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of one conference, or of the folders of all for `key` None.

    `findings` are those that are left when the verification ends, `mended` the damages that were mended. `reread` says
    that the feed must be read to mend the findings: what was lost is set aside. `files` counts the files that were
    read. `failure` is why nothing could be verified.
    """

    key: ConferenceKey | None
    findings: tuple[Finding, ...] = ()
    mended: tuple[Finding, ...] = ()
    reread: bool = False
    files: int = 0
    failure: str | None = None

    @property
    def damages(self) -> tuple[Finding, ...]:
        """The findings that are damage."""
        return tuple(finding for finding in self.findings if finding.is_damage)

    @property
    def is_right(self) -> bool:
        """Whether everything was verified and nothing is damaged."""
        return not self.damages and self.failure is None and not self.reread


def cause(error: StoreError | OSError, address: str) -> str:
    """What is wrong with a file, without its address and what the store says is to be done."""
    if isinstance(error, OSError):
        return refusal(error)
    return error.message.split(f"; {REPAIR}", maxsplit=1)[0].replace(f"{address} is", "it is")


@dataclass(slots=True)
class Found:
    """What is noted while a conference, or the folders of all, are verified; `files` counts the files that were read.

    `to_set_aside` has the files that a repair moves away: those that cannot be derived from what is stored, and those
    in the place of another.
    """

    findings: list[Finding] = field(default_factory=list)
    to_set_aside: list[str] = field(default_factory=list)
    files: int = 0

    def add(self, name: str, kind: FindingKind, problem: str, remedy: str = REPAIR, *, set_aside: bool = False) -> None:
        """Note a finding; `set_aside` says that a repair moves the file away."""
        self.findings.append(Finding(name, kind, problem, remedy))
        if set_aside:
            self.to_set_aside.append(name)
