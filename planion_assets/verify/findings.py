"""What a verification finds: values that the command prints and a run reports."""

from dataclasses import dataclass, field
from enum import StrEnum

from planion_assets.guide import Heading, see, without_see
from planion_assets.keys import ConferenceKey
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.store import StoreError

REPAIR = "run `planion verify --repair`"
SET_ASIDE = "`planion verify --repair` sets it aside, or move it away"
REREAD = "`planion verify --repair` sets it aside and reads the feed anew"
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
    """One file that is not what it should be: why, and what to do, each in words for a person.

    `name` is that of `planion_assets.storage.files`.
    """

    name: str
    kind: FindingKind
    problem: str
    remedy: str

    @property
    def is_damage(self) -> bool:
        """Whether the file tells readers what is not so; else the next refresh makes it anew, or it harms nobody."""
        return self.kind not in (FindingKind.OUTDATED, FindingKind.NOTED)

    def line(self, address: str) -> str:
        """The finding in one line; `address` is how the file is shown."""
        line = f"{address}: {self.kind}: {without_see(self.problem)}; {self.remedy}"
        return see(line, Heading.DAMAGED) if self.is_damage else line


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of one conference, or of the folders of all for `key` None.

    `findings` is what stands when the verification ends, `mended` the damages that were mended. `reread` says that a
    refresh must read the feed before the findings are mended: what was lost is set aside. `files` counts the files that
    were read. `failure` is why nothing could be verified.
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
    """What is noted while a conference, or the folder of all, is looked through.

    `in_the_way` are the files to be set aside: what cannot be made anew from what is stored, and what blocks a place.
    """

    findings: list[Finding] = field(default_factory=list)
    in_the_way: list[str] = field(default_factory=list)
    files: int = 0

    def add(self, name: str, kind: FindingKind, problem: str, remedy: str = REPAIR, *, aside: bool = False) -> None:
        """Note a finding; `aside` says that the file is to be set aside."""
        self.findings.append(Finding(name, kind, problem, remedy))
        if aside:
            self.in_the_way.append(name)
