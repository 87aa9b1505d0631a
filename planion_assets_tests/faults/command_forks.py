"""A program for the tests of the standard streams: runs `planion` in a forked child for each line on stdin.

A line is JSON: `arguments` of the command; `streams`, what is behind descriptors 0, 1 and 2 (a path, `closed`, or
`unread`: a pipe whose reader has gone); `encoding` of the streams. The child has the streams that Python makes of such
descriptors when it starts, and ends as Python does. After each child its exit code is printed.
"""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd  # noqa: F401 - imported before the fork, as everything else
import pyarrow.parquet  # noqa: F401

from planion_assets.cli import refresh
from planion_assets.cli.main import main as command
from planion_assets.cli.refresh import refresh_all
from planion_assets.config import load
from planion_assets_tests.forks import freeze
from planion_assets_tests.instances import instance_without_events

_STANDARD = ((0, "stdin", "r", "strict"), (1, "stdout", "w", "strict"), (2, "stderr", "w", "backslashreplace"))


def main() -> None:
    """Run the command once per line of stdin."""
    # What matters here is no instance's folder; one in memory costs a tenth, and each child has a copy of this one.
    setattr(refresh, "opened", instance_without_events)  # noqa: B010 - in the place of what it imports
    # Loads what Dagster imports and resolves only when a run asks for it; no thread is started by that.
    with Path(os.devnull).open("w", encoding="utf-8") as nothing, contextlib.redirect_stdout(nothing):
        refresh_all(load(), [])
    shared = instance_without_events()
    setattr(refresh, "opened", lambda: shared)  # noqa: B010 - in the place of what it imports
    freeze()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(order["streams"], order["encoding"])
            command(order["arguments"])
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(streams: dict[str, str], encoding: str) -> None:
    for number in range(3):
        match streams.get(str(number)):
            case None:
                pass
            case "closed":
                os.close(number)
            case "unread":
                reader, writer = os.pipe()
                os.dup2(writer, number)
                os.close(writer)
                os.close(reader)
            case path:
                file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
                os.dup2(file, number)
                os.close(file)
    for number, name, mode, errors in _STANDARD:
        stream: Any = None
        if streams.get(str(number)) != "closed":
            stream = open(number, mode, encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    main()
