"""Stopping by a signal: SIGTERM and SIGINT end a refresh in the order in which a failure would.

Belongs here: which signal came, and the exit code that says so. What is undone on the way out is said where it is
done: half-written files in disk.py, locks in locks.py.
"""

import contextlib
import signal
import socket
from collections.abc import Iterator

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """The signals that came while `noticed` was entered."""

    def __init__(self, received: socket.socket) -> None:
        self._received = received
        self._first: signal.Signals | None = None

    @property
    def first(self) -> signal.Signals | None:
        """The first of SIGTERM and SIGINT that came; None while none did."""
        with contextlib.suppress(BlockingIOError):
            while self._first is None and (numbers := self._received.recv(64)):
                self._first = next((s for s in _SIGNALS if s in numbers), None)
        return self._first


@contextlib.contextmanager
def noticed() -> Iterator[Signals]:
    """Have both signals raise KeyboardInterrupt, and note which came. For the main thread.

    Dagster puts handlers of its own in place while it runs a step, which raise an exception that does not tell the two
    apart; Python writes the number of each signal to this socket whoever handles it.
    """
    reader, writer = socket.socketpair()
    with reader, writer:
        reader.setblocking(False)
        writer.setblocking(False)
        handlers = {number: signal.signal(number, signal.default_int_handler) for number in _SIGNALS}
        descriptor = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield Signals(reader)
        finally:
            signal.set_wakeup_fd(descriptor)
            for number, handler in handlers.items():
                signal.signal(number, handler)
