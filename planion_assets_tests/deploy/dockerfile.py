"""deploy/Dockerfile as instructions, and what of an image they leave beside its files: environment, user, command.

Belongs here: reading the file. Does not belong here: carrying an instruction out (image_build.py).
"""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

DOCKERFILE = Path(__file__).parents[2] / "deploy" / "Dockerfile"
_FLAG = re.compile(r"--(\w+)=(\S+)\s+")


@dataclass(frozen=True)
class Instruction:
    """An instruction of the file: `RUN --mount=... text` has the name RUN."""

    name: str
    flags: tuple[tuple[str, str], ...]
    text: str

    @property
    def words(self) -> tuple[str, ...]:
        """The text as words: those of a JSON list, or as a shell splits them."""
        return tuple(json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text))

    def flag(self, name: str) -> str | None:
        """The value of a flag; None where it is not given."""
        return dict(self.flags).get(name)


@dataclass(frozen=True)
class Stage:
    """What follows a FROM, up to the next one. `base` is an image, or the name of a stage."""

    name: str
    base: str
    instructions: tuple[Instruction, ...]


_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Settings:
    """What an image says of the processes that are started in it."""

    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": _PATH})
    user: str = "0:0"
    folder: str = "/"
    entry_point: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile, the last of which is the image."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found: list[Stage] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        instruction = _instruction(line.strip())
        if instruction.name == "FROM":
            base, *alias = instruction.words
            found.append(Stage(alias[1] if alias else "", base, ()))
        else:
            last = found.pop()
            found.append(Stage(last.name, last.base, (*last.instructions, instruction)))
    return found


def settings_of(instructions: Sequence[Instruction]) -> Settings:
    """What the image is set to after these instructions of a stage; its base says nothing."""
    settings = Settings()
    for instruction in instructions:
        match instruction.name:
            case "ENV":
                given = dict(word.split("=", 1) for word in instruction.words)
                settings = replace(settings, environment={**settings.environment, **given})
            case "USER":
                settings = replace(settings, user=instruction.text)
            case "WORKDIR":
                settings = replace(settings, folder=instruction.text)
            case "ENTRYPOINT":
                settings = replace(settings, entry_point=instruction.words)
            case "CMD":
                settings = replace(settings, arguments=instruction.words)
    return settings


def _instruction(line: str) -> Instruction:
    name, _, rest = line.partition(" ")
    flags = []
    rest = rest.strip()
    while match := _FLAG.match(rest):
        flags.append((match[1], match[2]))
        rest = rest[match.end() :]
    return Instruction(name.upper(), tuple(flags), " ".join(rest.split()) if name != "RUN" else rest)
