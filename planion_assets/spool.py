"""Bytes spooled until they are read again: in memory while they are few, else in a file without a name."""

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from typing import Any


class Spool:
    """Bytes that are appended to and read again, from any thread. Every method raises OSError with the folder's name.

    They are in memory up to `in_memory` bytes, then in a temporary file (`TMPDIR`), which has no name and is gone with
    this object, however the process ends.
    """

    def __init__(self, in_memory: int) -> None:
        self._file = tempfile.SpooledTemporaryFile(in_memory)  # noqa: SIM115 - closed with this object
        self._end = 0
        self._lock = threading.Lock()

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()

    def append(self, data: Any) -> int:
        """Append bytes, or anything that has a buffer; returns where they begin."""
        with self._lock, _named():
            start = self._end
            self._file.seek(start)
            self._file.write(data)
            self._file.flush()  # a full disk fails here, not at a later read
            self._end += memoryview(data).nbytes
        return start

    def read(self, start: int, size: int) -> bytes:
        """The `size` bytes that begin at `start`."""
        with self._lock, _named():
            self._file.seek(start)
            return self._file.read(size)


@contextlib.contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # The file has no name of its own; without a folder for it the reason lists those that were tried.
        folder = error.filename or tempfile.tempdir
        raise OSError(error.errno, error.strerror or str(error), folder) from error
