"""What a process took: wall, CPU, peak memory, and how much of it lay within an interval of its own.

Knows Linux (`/proc`, `wait4`) and nothing of feeds. Keep the process that calls this small: Linux counts what its
parent had resident when it was started towards a process's peak.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.half_core import HalfCore

_BETWEEN_LOOKS = 0.01
# Looks after which children are looked for again, which takes a look at every thread.
_LOOKS = 10
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class FailedError(Exception):
    """A process that is measured ended with an error."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that has ended: seconds of wall and of CPU (user and system, its children too), peak memory, output.

    The peak is the most that it had resident, with what its children had of their own at the same look. `looks` holds
    (seconds of the epoch, CPU seconds so far) from begin to end.
    """

    wall: float
    cpu: float
    peak_mib: float
    output: str
    looks: tuple[tuple[float, float], ...]

    def cpu_between(self, start: float, end: float) -> float:
        """CPU seconds of an interval given in seconds of the epoch, to about a hundredth of a second."""
        return self._cpu_at(end) - self._cpu_at(start)

    def _cpu_at(self, when: float) -> float:
        before = self.looks[0]
        for look in self.looks:
            if look[0] >= when:
                share = (when - before[0]) / (look[0] - before[0]) if look[0] > before[0] else 0.0
                return before[1] + share * (look[1] - before[1])
            before = look
        return before[1]


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str], *, half_core: bool = False) -> Process:
    """Run a command in a folder until it ends, held to half a core if that is asked for.

    Raises `FailedError` with the end of what it said.
    """
    said = folder / "output.txt"
    started = time.time()
    with said.open("wb") as output, HalfCore(started) if half_core else contextlib.nullcontext() as throttle:
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=output, stderr=subprocess.STDOUT)
        looks, family, together = [(started, 0.0)], [process.pid], 0.0
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if len(looks) % _LOOKS == 1:
                family = [process.pid, *_children(process.pid)]
            looks.append((time.time(), sum(map(_cpu_so_far, family))))
            if throttle:
                throttle.look(*looks[-1], family)
            if len(family) > 1:
                together = max(together, _resident_mib(process.pid) + sum(map(_own_mib, family[1:])))
            time.sleep(_BETWEEN_LOOKS)
    ended = time.time()
    process.returncode = os.waitstatus_to_exitcode(status)
    text = said.read_text(encoding="utf-8", errors="replace")
    if process.returncode:
        raise FailedError(f"{' '.join(command)} exited {process.returncode}:\n{text[-4000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    peak = max(usage.ru_maxrss / 1024, together)
    return Process(ended - started, cpu, peak, text, (*looks, (ended, cpu)))


def _children(pid: int) -> list[int]:
    """The processes that it has started and not waited for; what they start themselves is not looked at.

    One that is still its parent's image, about to be another program, has the parent's memory and none of its own.
    """
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread or a process that has ended meanwhile
            found += [int(child) for child in thread.read_text(encoding="ascii").split()]
    return [child for child in found if _command(child) not in (b"", _command(pid))]


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _resident_mib(pid: int) -> float:
    return _pages(pid)[0] * _PAGE / (1 << 20)


def _own_mib(pid: int) -> float:
    """What a process has resident and shares with no other: not the files of Python and of libraries."""
    resident, shared = _pages(pid)
    return (resident - shared) * _PAGE / (1 << 20)


def _pages(pid: int) -> tuple[int, int]:
    """The pages that a process has resident, and how many of them are of files (proc_pid_statm(5))."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]), int(fields[2])
    return 0, 0


def _cpu_so_far(pid: int) -> float:
    """CPU seconds of a process and of its children that have ended; none of one that is gone."""
    with contextlib.suppress(OSError):
        return _cpu(Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace"))
    return 0.0


def _cpu(stat: str) -> float:
    # The name in parentheses may hold spaces; utime, stime, cutime and cstime are fields 14 to 17 (proc_pid_stat(5)).
    fields = stat.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS
