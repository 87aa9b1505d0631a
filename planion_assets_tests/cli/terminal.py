"""Running a command as a person does, on a terminal."""

import os
import pty
import subprocess
from collections.abc import Sequence


def on_a_terminal(command: Sequence[str]) -> tuple[int, str]:
    """The exit code of a command on a terminal of 160 columns that shows colours, and all that it showed."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "160"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as process:
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
