"""The bench with half a core: what is measured gets no more, and goes on whatever happens."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from benchmarks import measure
from benchmarks.half_core import HalfCore

_BUSY = "import time\nwhile time.process_time() < 0.4: pass"


def test_a_process_gets_half_of_the_time(tmp_path: Path) -> None:
    done = measure.run([sys.executable, "-c", _BUSY], tmp_path, os.environ, half_core=True)
    assert done.cpu >= 0.4
    assert done.wall >= 2 * (done.cpu - 0.15)  # what is saved up, and what is used between two looks


def test_a_process_that_is_stopped_goes_on_when_the_measuring_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        with contextlib.suppress(KeyboardInterrupt), HalfCore(0.0) as half_core:
            half_core.look(0.1, 0.2, [process.pid])
            assert os.waitpid(process.pid, os.WUNTRACED)[1] == (signal.SIGSTOP << 8) | 0x7F
            half_core.look(0.15, 0.2, [process.pid])  # not enough yet
            raise KeyboardInterrupt
        process.communicate(b"\n")
    assert process.returncode == 0


def test_time_that_is_waited_is_saved_up_to_a_bound() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        with HalfCore(0.0) as half_core:
            half_core.look(10.0, 0.04, [process.pid])
            half_core.look(10.02, 0.11, [process.pid])  # 0.07 s at once, after ten seconds of hardly any
            assert os.waitpid(process.pid, os.WUNTRACED)[1] == (signal.SIGSTOP << 8) | 0x7F
        process.communicate(b"\n")
