"""Locks between processes: one holder at a time, and a note of who it is.

Belongs here: taking a lock file with a bounded wait. Does not belong here: what a lock guards and where its file
lies (store.py).
"""

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import filelock


class HeldError(Exception):
    """Another process holds the lock. The message is who, as it noted itself."""


@contextlib.contextmanager
def held(path: Path, wait: float, given_up: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Hold the lock of that file, taken within `wait` seconds, or none once it is `given_up`.

    The kernel frees it when the holder dies. The file itself stays, empty: were it removed, a process that waits for
    it and one that makes it anew would both hold the lock. Raises `HeldError`, and OSError where the disk refuses the
    file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=wait, cancel_check=given_up)
    except filelock.Timeout:
        raise HeldError(_holder(path)) from None
    try:
        _note(path, f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%F %T} UTC")
        yield
    finally:
        _note(path, "")
        lock.release()


def _note(path: Path, text: str) -> None:
    """Leave a note for people. A disk that is full must not fail a refresh that may need no room at all."""
    with contextlib.suppress(OSError):
        path.write_text(text, encoding="utf-8")


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError):
        if noted := path.read_text(encoding="utf-8", errors="replace").strip():
            return noted
    return "another process"
