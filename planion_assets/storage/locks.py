"""Locks between processes: one holder at a time, a bounded wait, and a note of who it is."""

import contextlib
import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import filelock

from planion_assets.storage.atomic_write import check_file

_MARKER = ".held"
_BLANK_FOR = 5.0
"""Seconds after which a marker without a holder's name counts as left: its maker writes its name at once."""
_NO_FLOCK = (errno.ENOSYS, errno.EOPNOTSUPP)


GivenUp = Callable[[], bool]
"""Whether waiting for a lock is to end."""


def never() -> bool:
    """Wait until the time is over."""
    return False


class LockTimeoutError(Exception):
    """Another process holds the lock. The message says which, as that process noted it."""


@contextlib.contextmanager
def acquire(path: Path, wait: float, given_up: GivenUp = never) -> Iterator[None]:
    """Hold the lock of that file in the body. Waits up to `wait` seconds for it, unless waiting is `given_up`.

    The kernel frees the lock when its holder dies. The file itself stays, empty: were it removed, a process that waits
    for it and one that makes another would both hold the lock. On a disk without flock a marker file is the lock; one
    whose holder is dead is replaced, one of another host is waited for. Raises `LockTimeoutError`, and OSError where
    the disk refuses the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        check_file(path)
    lock = _lock(path)
    native = not isinstance(lock, filelock.SoftFileLock)
    try:
        lock.acquire(timeout=wait, cancel_check=given_up)
    except filelock.Timeout:
        raise LockTimeoutError(_holder(path) if native else _marked(Path(lock.lock_file))) from None
    try:
        if native:
            _note(path, f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%F %T} UTC")
        yield
    finally:
        if native:
            _note(path, "")
        lock.release()


def _lock(path: Path) -> filelock.BaseFileLock:
    """The lock of a file: the kernel's, or a marker of another name on a disk that has none.

    A marker of the same name would look like a file that a lock of the kernel has left.
    """
    if _has_flock(path):
        return filelock.FileLock(path, fallback_to_soft=False)
    marker = path.with_name(path.name + _MARKER)
    _drop_blank(marker)
    return filelock.SoftFileLock(marker)


def _has_flock(path: Path) -> bool:
    """Whether the disk has locks of the kernel. Raises OSError where it refuses the file."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_UN)  # of which nobody notices anything
        except OSError as error:
            return error.errno not in _NO_FLOCK
    return True


def _drop_blank(marker: Path) -> None:
    """Remove a marker that names no holder: its maker was killed before it could, and filelock waits for such for ever.

    It is removed after `_BLANK_FOR` seconds in which it did not change, by this process's own clock.
    """
    with contextlib.suppress(OSError):
        seen = marker.stat()
        until = time.monotonic() + _BLANK_FOR
        while marker.stat() == seen and not seen.st_size:
            if time.monotonic() >= until:
                marker.unlink()
                return
            time.sleep(0.1)


def _note(path: Path, text: str) -> None:
    """Leave a note for people. A disk that is full must not fail a refresh that may need no room at all."""
    with contextlib.suppress(OSError):
        path.write_text(text, encoding="utf-8")


def _marked(marker: Path) -> str:
    """Who holds a marker: filelock writes the process and its host, each on a line."""
    with contextlib.suppress(OSError, ValueError):
        process, host = marker.read_text(encoding="utf-8").splitlines()[:2]
        if host.split("?")[0] == socket.gethostname():
            return f"process {process} on {host}"
        return f"process {process} on {host}, of which this host cannot tell whether it lives (if not, delete {marker})"
    return "another process"


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError):
        if noted := path.read_text(encoding="utf-8", errors="replace").strip():
            return noted
    return "another process"
