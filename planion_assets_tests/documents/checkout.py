"""A checkout as a reader has it, in a folder of its own: a small feed, planion.yaml, a token, programs."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from planion_assets.sandbox import TOKENS, Sandbox, SandboxServer
from planion_assets.sandbox.plans import PLANS
from planion_assets_tests.documents import program_forks
from planion_assets_tests.forks import fork
from planion_assets_tests.pages import ROOT

NAMED = ("AM2026",)
"""The conferences of the account AAA in planion.yaml, which the pages name."""
SETTINGS = """feed: {{url: {url}}}
accounts:
  - account: AAA
    token_env: PLANION_TOKEN_AAA
    endpoints: [sessions, speakers, abstracts]
    conferences: [{conferences}]
"""
_OF_THE_REPOSITORY = ("Makefile", "pyproject.toml", "requirements", "workspace.yaml", "examples", "deploy", "scripts")
_STAMPS = ("bootstrap.stamp", "run.stamp", "dev.stamp")


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder in which the commands of the pages can be run."""

    folder: Path
    feed: SandboxServer
    environment: dict[str, str]

    def run(self, script: str, shell: str = "bash") -> "subprocess.CompletedProcess[str]":
        """Run a block of a shell, which ends where a command of it fails."""
        return subprocess.run(
            [shell, "-e", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def checkout(folder: Path, conferences: Sequence[str] = NAMED) -> Iterator[Checkout]:
    """A checkout whose conferences, small ones of the account AAA, nobody has refreshed."""
    model = next(plan for plan in PLANS if plan.name == "AM2036")
    plans = [
        replace(model, name=name, sessions=6 + place, first_schedid=1000 * (place + 1))
        for place, name in enumerate(conferences)
    ]
    for name in _OF_THE_REPOSITORY:
        (folder / name).symlink_to(ROOT / name)
    (folder / "data").mkdir()
    with SandboxServer(Sandbox(plans=plans)) as feed:
        named = ", ".join(f"{{conference: {name}}}" for name in conferences)
        (folder / "planion.yaml").write_text(SETTINGS.format(url=feed.url, conferences=named), encoding="utf-8")
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PLANION_", "DAGSTER_HOME"))}
        environment = {
            **own,
            "PATH": f"{folder}/.venv/bin:{own['PATH']}",
            "HOME": str(folder),
            "PLANION_TOKEN_AAA": TOKENS["AAA"],
            "COLUMNS": "200",
        }
        address = str(folder / "programs")
        ours, theirs = os.pipe()
        with os.fdopen(ours) as said, fork(program_forks.main, address, streams={1: theirs}):
            os.close(theirs)
            assert said.readline() == "ready\n"
            _install(folder / ".venv", address)
            yield Checkout(folder, feed, environment)


def _install(environment: Path, address: str) -> None:
    """An environment whose programs the server runs, with the stamps of make, which therefore installs nothing."""
    (environment / "bin").mkdir(parents=True)
    for program in ("planion", "dagster", "python"):
        path = environment / "bin" / program
        path.write_text(
            program_forks.CLIENT.format(python=sys.executable, address=address, program=program), encoding="utf-8"
        )
        path.chmod(0o755)
    for stamp in _STAMPS:
        (environment / stamp).touch()
