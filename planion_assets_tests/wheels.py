"""Runs the programs of an environment that a wheel was installed into."""

import os
import subprocess
from pathlib import Path


def run_away(folder: Path, program: Path, *arguments: str, code: int = 0) -> str:
    """What a program prints in a folder away from the checkout. It prints no error."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PLANION_", "DAGSTER_"))}
    command = [str(program), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, ""), done.stdout
    return done.stdout
