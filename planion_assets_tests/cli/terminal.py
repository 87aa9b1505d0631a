"""Running a command as a person does, on a terminal."""

import os
import pty
import subprocess
from collections.abc import Sequence

WITHOUT_RICH = """
import sys
sys.modules["rich"] = None
from planion_assets.cli.main import main
main({arguments})
"""
"""A program that runs the command where rich is not installed."""


def on_a_terminal(command: Sequence[str], typed: str = "") -> tuple[int, str]:
    """The exit code of a command on a terminal of 160 columns that shows colours, and all that it showed.

    `typed` is what a person types there, before it is asked for; without it the terminal is not the command's input.
    """
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "160"}
    environment.pop("NO_COLOR", None)
    os.write(ours, typed.encode())
    given = theirs if typed else None
    with subprocess.Popen(command, stdin=given, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed: the process has ended
                break
            if not part:
                break
            shown += part
    os.close(ours)
    return process.returncode, shown.decode()
