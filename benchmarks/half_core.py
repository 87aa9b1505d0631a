"""Holding a process to half a core, as `cpulimit` and the CPU quota of a cgroup do, without being root.

Processes that have used what they may are stopped (SIGSTOP) until they may use more (SIGCONT).
"""

import contextlib
import os
import signal
from collections.abc import Sequence

_CORES = 0.5
# Seconds of CPU that are saved up while a process waits, as of a cgroup that counts by tenths of a second.
_SAVED = 0.05


class HalfCore:
    """Stops and continues processes, whenever it is told what they have used so far; at its end all go on."""

    def __init__(self, started: float) -> None:
        self._at, self._used, self._left = started, 0.0, _SAVED
        self._stopped: Sequence[int] = ()

    def __enter__(self) -> "HalfCore":
        return self

    def __exit__(self, *_: object) -> None:
        self._signal(signal.SIGCONT, self._stopped)

    def look(self, now: float, used: float, pids: Sequence[int]) -> None:
        """Stop the processes, or let them go on. They have used that many CPU seconds in all, at `now` (seconds)."""
        self._left = min(self._left + _CORES * (now - self._at), _SAVED) - (used - self._used)
        self._at, self._used = now, used
        if self._left <= 0 and not self._stopped:
            self._signal(signal.SIGSTOP, pids)
            self._stopped = tuple(pids)
        elif self._left > 0 and self._stopped:
            self._signal(signal.SIGCONT, self._stopped)
            self._stopped = ()

    @staticmethod
    def _signal(number: signal.Signals, pids: Sequence[int]) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # a child that has ended meanwhile
                os.kill(pid, number)
