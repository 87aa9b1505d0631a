"""Standard output and standard error that never raise, so that no command fails because of what it prints.

Behind them may be nothing, a full disk, a pipe without a reader, or an encoding that lacks a character.
"""

import contextlib
import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing_extensions import Buffer

_ESCAPED = "backslashreplace"  # what an encoding has no character for is written as \\u6771


class Output(io.FileIO):
    """Writes bytes to a file descriptor. `error` is the first error; what is written after it is dropped."""

    def __init__(self, descriptor: int, *, owned: bool = False) -> None:
        super().__init__(descriptor, "wb", closefd=owned)
        self.error: OSError | None = None

    def write(self, data: "Buffer", /) -> int:
        """Write all of `data`, or as much as the descriptor takes; its length."""
        rest = memoryview(data).cast("B")
        size = rest.nbytes
        try:
            while rest and not self.error:
                try:
                    rest = rest[os.write(self.fileno(), rest) :]
                except BlockingIOError:  # a descriptor that does not wait by itself
                    select.select([], [self], [])
        except OSError as error:
            self.error = error
        return size

    def close(self) -> None:
        """Close the descriptor if it is this object's own."""
        with contextlib.suppress(OSError):  # `error` says whether what was written before has arrived
            super().close()


def prepare() -> None:
    """Put streams that never raise in the places of `sys.stdout` and `sys.stderr`; open what is closed of the three.

    A closed descriptor would be given to the next file that is opened, a table or a database, and what a library
    prints would go into that. Streams that were replaced already, as tests do, stay.
    """
    opened = [number for number in range(3) if _open_closed(number)]  # from 0: the system gives the lowest that is free
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as the process lives
    if sys.stdout is sys.__stdout__:
        sys.stdout = _standard(1, sys.stdout, opened)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _standard(2, sys.stderr, opened)


def duplicate(stream: TextIO) -> TextIO:
    """A stream of the same kind on a file descriptor of its own; the stream itself where it has none."""
    try:
        output = Output(os.dup(stream.fileno()), owned=True)
    except (OSError, ValueError):
        return stream
    return _text(output, stream.encoding, line_buffering=True)


def write_error(stream: TextIO) -> str | None:
    """The error that lost a part of what was written to a stream; None without one.

    The end of a pipe is none: its reader, such as `head`, has read what it wanted.
    """
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    if not isinstance(raw, Output):
        return None
    stream.flush()
    return raw.error.strerror if raw.error and raw.error.errno != errno.EPIPE else None


def _open_closed(descriptor: int) -> bool:
    """Open a descriptor on nothing if it is closed. Whether it was."""
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDWR)
        return True
    return False


def _standard(descriptor: int, before: TextIO | None, opened: list[int]) -> TextIO:
    if before is None and descriptor not in opened:  # it was closed at first, and is another file's
        descriptor = os.open(os.devnull, os.O_WRONLY)
    encoding = before.encoding if before else "utf-8"
    return _text(Output(descriptor), encoding, line_buffering=os.isatty(descriptor))


def _text(output: Output, encoding: str, *, line_buffering: bool) -> TextIO:
    return io.TextIOWrapper(io.BufferedWriter(output), encoding, _ESCAPED, line_buffering=line_buffering)
