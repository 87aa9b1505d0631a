"""Programs in a root folder of their own, as a container engine would run them: namespaces, mounts, user, no rights.

Linux and the superuser are needed, and no engine. The network is that of whoever starts the program.

Belongs here: one program in one root. Does not belong here: what a file of `deploy/` wants to be run.
"""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# Makes what something of the machine is mounted on.
_PLACE = """place() {
    if [ -e "$2" ]; then return; fi
    if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "$(dirname "$2")"; : >"$2"; fi
}"""


@dataclass(frozen=True)
class Container:
    """A root folder that programs see as theirs, and how they see it."""

    root: Path
    environment: Mapping[str, str]
    user: str = "0:0"
    folder: str = "/"
    mounts: Mapping[str, Path] = field(default_factory=dict)  # what of the machine lies at a place of the root
    fresh: Sequence[str] = ("/tmp",)
    read_only: bool = True
    rights: Sequence[str] = ()  # capabilities; "all" while an image is built

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The command that runs another in this root. It stays the same process, so that signals reach it."""
        script = "\n".join([*self._mounted(), f"exec {shlex.join(self._entered(arguments))}"])
        return ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-euc", script]

    def run(self, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """The ended process, its output as text."""
        return subprocess.run(self.command(arguments), check=False, capture_output=True, text=True)

    def _mounted(self) -> list[str]:
        root = shlex.quote(str(self.root))
        mounts = [
            (shlex.quote(str(source)), shlex.quote(f"{self.root}{place}")) for place, source in self.mounts.items()
        ]
        places = [f"place {source} {target}" for source, target in mounts]
        return [
            _PLACE,
            f"mount --bind {root} {root}",
            *places,
            *([f"mount -o remount,ro,bind {root}"] if self.read_only else []),
            *(f"mount -t tmpfs -o mode=1777 tmpfs {root}{folder}" for folder in self.fresh),
            *places,  # those below a fresh folder
            *(f"mount --rbind {source} {target}" for source, target in [*mounts, ("/proc", f"{root}/proc")]),
            f"mount --rbind /dev {root}/dev",
        ]

    def _entered(self, arguments: Sequence[str]) -> list[str]:
        user, _, group = self.user.partition(":")
        rights = ",".join(["-all", *(f"+{right.lower()}" for right in self.rights)])
        limits = [] if "all" in self.rights else ["--no-new-privs", f"--bounding-set={rights}", "--inh-caps=-all"]
        who = ["setpriv", f"--reuid={user}", f"--regid={group or user}", "--clear-groups", *limits]
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        return ["chroot", str(self.root), *who, "env", "-i", f"--chdir={self.folder}", *variables, *arguments]


def may_run() -> str | None:
    """None where containers of this module run; else why they do not, and what to do."""
    if os.geteuid():
        return "namespaces and mounts need the superuser"
    tried = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], check=False, capture_output=True)
    return None if tried.returncode == 0 else "this system makes no namespaces"
