"""A program for the test of histories: refreshes a conference in a forked child and stops it at one step of the disk.

Each line on stdin is `STOP NUMBER`: with `kill` the child kills itself just before it opens for writing, renames,
removes or makes its file number NUMBER below the data directory (from 0), with `raise` that step fails with EIO, with
`never` it ends by itself. After each it prints `killed`, or the exit code: 0 for a conference that was refreshed, 1 for
one that failed.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd  # noqa: F401 - imported before the fork, as everything else: Arrow imports it when first used
import pyarrow.parquet  # noqa: F401

from planion_assets.feed.client import FeedClient
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS

WRITES = os.O_WRONLY | os.O_RDWR


def stop_at(number: int, root: str, stop: Callable[[], None]) -> None:
    """Call `stop` before that step, in this process."""
    left = number

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        step = event in ("os.rename", "os.remove", "os.mkdir") or (event == "open" and int(arguments[2]) & WRITES)
        if step and str(arguments[0]).startswith(root):
            if left == 0:
                stop()
            left -= 1

    sys.addaudithook(look)


def freeze() -> None:
    """Spare each child that is forked from here on the search for garbage in what its parent has: half a second."""
    gc.collect()
    gc.freeze()


def kill() -> None:
    """End this process as a machine that loses power would."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    """What a broken disk answers."""
    raise OSError(5, "Input/output error")


def main(url: str, token: str, data: str, text: str, keep: str = "100") -> None:
    """Refresh the conference `text` into `data` once per line of stdin, keeping so many files of each change log."""
    key, options = ConferenceKey.parse(text), RefreshOptions(keep_change_files=int(keep))
    freeze()
    for line in sys.stdin:
        how, number = line.split()
        child = os.fork()
        if child == 0:
            if how != "never":
                stop_at(int(number), data, {"kill": kill, "raise": fail}[how])
            with FeedClient(url, token) as client:
                tables = [RAW_SESSIONS, SESSIONS, SESSION_SPEAKERS]
                outcome = next(refresh([key], tables, LocalStore(Path(data)), lambda _: client, lambda _: options))
            os._exit(0 if isinstance(outcome, Refreshed) else 1)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
