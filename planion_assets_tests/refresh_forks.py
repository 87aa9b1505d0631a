"""A program for the tests of crashes and signals: `planion refresh` in a forked child for each line on stdin.

Importing Dagster takes a second; forking a process that has done so makes twenty crashes affordable. A line is `go`,
or `patient`: then the child waits after a signal for an hour for what is under way, or `SIGNAL STEP`: then it sends
itself that signal just before it opens for writing, renames, removes or makes its file number STEP (from 0) below the
folder of the data, or, where STEP is `event`, while Dagster stores the first materialization. For each line it prints
the child's process id, and after the child has ended `killed` or its exit code.
"""

import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import dagster as dg
import pandas as pd  # noqa: F401 - imported before the fork, as everything else
import pyarrow.parquet  # noqa: F401

from planion_assets import daemon_threads
from planion_assets.cli import refresh, signals
from planion_assets.cli.main import main as command
from planion_assets.cli.refresh import refresh_all
from planion_assets.config import load
from planion_assets.defs.events import metadata  # noqa: F401
from planion_assets_tests.instances import instance_without_events
from planion_assets_tests.step_forks import freeze, stop_at

IN_MEMORY = "PLANION_TEST_IN_MEMORY"
"""Variable: where it is set each child has a Dagster instance of its own without events, which costs a tenth."""


def at_first_event(stop: Callable[[], None]) -> None:
    """Call `stop` when Dagster has been handed the first materialization, and has not given control back."""
    handle = dg.DagsterInstance.handle_new_event
    stopped = False

    def look(self: dg.DagsterInstance, entry: dg.EventLogEntry, **more: Any) -> None:
        nonlocal stopped
        handle(self, entry, **more)
        if not stopped and entry.dagster_event and entry.dagster_event.is_step_materialization:
            stopped = True
            stop()

    setattr(dg.DagsterInstance, "handle_new_event", look)  # noqa: B010 - in the place of a method


def main(keys: list[str]) -> None:
    """Refresh the keys once per line of stdin."""
    if os.environ.get(IN_MEMORY):
        setattr(refresh, "opened", instance_without_events)  # noqa: B010 - in the place of what it imports
    # Loads what Dagster imports and resolves only when a run asks for it; no thread is started by that.
    refresh_all(load(), [])
    freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                if line.strip() == "patient":
                    signals.ENDS_WITHIN = daemon_threads.LEFT_BEHIND_AFTER = 3600.0
                elif line.strip() != "go":
                    number, step = line.split()
                    stop = partial(os.kill, os.getpid(), int(number))
                    if step == "event":
                        at_first_event(stop)
                    else:
                        stop_at(int(step), str(load().data), stop)
                command(["refresh", *keys])
            except SystemExit as end:
                os._exit(end.code if isinstance(end.code, int) else 2)
            except BaseException:  # noqa: BLE001 - a child must never go on as its parent
                traceback.print_exc()
                os._exit(2)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        # On a line of its own, though the child was stopped within one.
        print("\n" + ("killed" if os.WIFSIGNALED(status) else str(os.waitstatus_to_exitcode(status))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
