"""A command in a child (`forks.py`) with such standard streams as a shell, a supervisor or a pipe gives it."""

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from planion_assets.cli import refresh
from planion_assets.cli.main import main as command
from planion_assets_tests.instances import one_instance_without_events
from planion_assets_tests.runs import CORE, refreshing

_STANDARD = ((0, "stdin", "r", "strict"), (1, "stdout", "w", "strict"), (2, "stderr", "w", "backslashreplace"))


def command_with(streams: Mapping[int, str], encoding: str, arguments: Sequence[str]) -> None:
    """Run `planion` with these arguments, in a child. Does not return.

    `streams` says what is behind the descriptors 0, 1 and 2: a path, `closed`, or `unread`, a pipe whose reader has
    gone. The streams are those that Python makes of such descriptors when it starts, in that encoding.
    """
    # What matters here is no instance's folder, and no table but a few; one in memory costs a tenth.
    setattr(refresh, "opened", one_instance_without_events)  # noqa: B010 - in the place of what it imports
    _become(streams, encoding)
    code: object = 0
    try:
        with refreshing((*CORE, "published_sessions")):
            command(arguments)
    except SystemExit as end:
        code = end.code
    _end(code)


def _end(code: object) -> None:
    """End the process as Python does, which fails with 120 where a stream takes no more of what it was given."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except (OSError, ValueError) as error:
            code = 120
            with contextlib.suppress(OSError):
                os.write(2, f"Exception ignored in: {stream}\n{error!r}\n".encode())
    os._exit(code if isinstance(code, int) else 1)


def _become(streams: Mapping[int, str], encoding: str) -> None:
    for number in range(3):
        match streams.get(number):
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
        if streams.get(number) != "closed":
            stream = open(number, mode, encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
