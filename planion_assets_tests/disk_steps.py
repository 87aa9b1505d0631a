"""A refresh of a conference in a process of its own (`forks.py`), stopped at one step of the disk.

A step is an opening for writing, a renaming, a removal or the making of a folder below the folder of the data.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from planion_assets.feed.client import FeedClient
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.feed.server import KEY, TOKEN
from planion_assets_tests.forks import fork

WRITES = os.O_WRONLY | os.O_RDWR


def stop_at(number: int, root: str, stop: Callable[[], None]) -> None:
    """Call `stop` before that step (from 0), in this process."""
    left = number

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        step = event in ("os.rename", "os.remove", "os.mkdir") or (event == "open" and int(arguments[2]) & WRITES)
        if step and str(arguments[0]).startswith(root):
            if left == 0:
                stop()
            left -= 1

    sys.addaudithook(look)


def refreshed_until(how: str, number: int, url: str, data: Path, keep: int = 100) -> int:
    """Refresh the conference once in a child; its exit code, 0 where it was refreshed and 1 where that failed.

    With `kill` the child kills itself before step `number`, and the code is -9; with `raise` that step fails with EIO;
    with `never` it ends by itself, in this process. Of each change log so many files are kept.
    """
    if how == "never":
        return _refreshed(url, data, keep)
    with fork(_stopped, how, number, url, str(data), keep) as child:
        return child.wait()


def _stopped(how: str, number: int, url: str, data: str, keep: int) -> None:
    stop_at(number, data, {"kill": _kill, "raise": _fail}[how])
    sys.exit(_refreshed(url, Path(data), keep))


def _refreshed(url: str, data: Path, keep: int) -> int:
    options = RefreshOptions(keep_change_files=keep)
    with FeedClient(url, TOKEN) as client:
        tables = [RAW_SESSIONS, SESSIONS, SESSION_SPEAKERS]
        (outcome,) = refresh([KEY], tables, LocalStore(data), lambda _: client, lambda _: options)
    return 0 if isinstance(outcome, Refreshed) else 1


def _kill() -> None:
    """End this process as a machine that loses power would."""
    os.kill(os.getpid(), signal.SIGKILL)


def _fail() -> None:
    """What a broken disk answers."""
    raise OSError(5, "Input/output error")
