"""Running the command as a person does, on a terminal."""

import os
import pty
import sys

from planion_assets.cli import refresh
from planion_assets_tests import forks
from planion_assets_tests.instances import instance_without_events


def planion(*arguments: str) -> None:
    """The program, of whose refreshes only what it shows matters: Dagster keeps no events."""
    setattr(refresh, "opened", instance_without_events)  # noqa: B010 - in the place of what it imports
    forks.planion(*arguments)


def without_rich(*arguments: str) -> None:
    """The program where rich is not installed."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
        del sys.modules[name]
    sys.modules["rich"] = None  # type: ignore[assignment]
    planion(*arguments)


def on_a_terminal(*arguments: str, typed: str = "", rich: bool = True) -> tuple[int, str]:
    """The exit code of `planion` on a terminal of 160 columns that shows colours, and all that it showed.

    `typed` is what a person types there, before it is asked for; without it the terminal is not the command's input.
    """
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    streams = {1: theirs, 2: theirs} | ({0: theirs} if typed else {})
    variables = {"TERM": "xterm-256color", "COLUMNS": "160", "NO_COLOR": ""}
    with forks.fork(planion if rich else without_rich, *arguments, streams=streams, variables=variables) as child:
        os.close(theirs)
        output = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed: the process has ended
                break
            if not part:
                break
            output += part
        code = child.wait()
    os.close(ours)
    return code, output.decode()
