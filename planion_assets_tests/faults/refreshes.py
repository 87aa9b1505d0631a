"""`planion refresh` in forked processes (`refresh_forks.py`), ended by a signal at a chosen moment."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from planion_assets.sandbox import SandboxServer
from planion_assets_tests.feed.server import ScriptedServer


class Refreshes:
    """Refreshes of the same keys, one after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(
        self,
        moment: Callable[[], None] | None = None,
        number: int = signal.SIGKILL,
        *,
        step: int | str | None = None,
        again_after: float | None = None,
        patient: bool = False,
    ) -> str:
        """Refresh once; the signal is sent when `moment` returns, or never: `killed`, or the exit code.

        With `step` it is sent before that step of the disk, or in the middle of an `event` (`refresh_forks.py`). With
        `again_after` it is sent again so many seconds later. A `patient` refresh waits after a signal for an hour for
        what is under way.
        """
        assert self._process.stdin is not None
        whole = "patient" if patient else "go"
        self._process.stdin.write(f"{whole}\n" if step is None else f"{int(number)} {step}\n")
        self._process.stdin.flush()
        child = int(self._line())
        if moment is not None:
            moment()
            with contextlib.suppress(ProcessLookupError):  # it may have ended first; the answer tells
                os.kill(child, number)
                if again_after is not None:
                    time.sleep(again_after)
                    os.kill(child, number)
        return self._line()

    def end(self) -> str:
        """End the process; what it and the refreshes wrote to stderr."""
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self._process.stdin.close()
        return self._process.stderr.read()

    def _line(self) -> str:
        """The next line that is a number or `killed`; the children print to the same stream."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if re.fullmatch(r"killed|\d+", line.strip()):
                return line.strip()
        raise AssertionError("the refreshing process has ended")


@contextlib.contextmanager
def refreshes_of(keys: Sequence[str], *, in_memory: bool = False) -> Iterator[Refreshes]:
    """Refreshes of these keys in the current directory; with Dagster's instance in memory if only files matter."""
    command = [sys.executable, "-m", "planion_assets_tests.refresh_forks", *keys]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PLANION_TEST_IN_MEMORY": "1" * in_memory,
    }
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        yield Refreshes(process)
        assert process.stdin is not None
        process.stdin.close()


def wait_for_request(server: SandboxServer | ScriptedServer) -> None:
    """Return when a request has been answered from here on, or after minutes."""
    before, until = len(server.requests), time.monotonic() + 180
    while len(server.requests) == before and time.monotonic() < until:
        time.sleep(0.001)
