"""A program for the test of kills: refreshes in a forked child for each line on stdin, killed at one step of a write.

A line is the feed's address, the data directory, and either nothing more or a step and the folder of a table; the child
kills itself there. For each line it prints `killed` or the child's exit code.
"""

import os
import signal
import sys
import traceback
from pathlib import Path

from planion_assets.refresh.outcomes import Refreshed
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.faults.conference import refreshed
from planion_assets_tests.faults.steps import at_step
from planion_assets_tests.step_forks import freeze


def _refresh(url: str, data: str, step: str, folder: str) -> bool:
    with at_step(step, Path(folder), lambda: os.kill(os.getpid(), signal.SIGKILL)):
        return isinstance(refreshed(LocalStore(Path(data)), url), Refreshed)


def main() -> None:
    """Refresh once per line."""
    freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if _refresh(*line.split()) else 1)
            except BaseException:  # noqa: BLE001 - a child must never go on as its parent
                traceback.print_exc()
                os._exit(2)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
