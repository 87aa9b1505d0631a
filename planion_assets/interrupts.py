"""Notices SIGTERM and SIGINT by Python's wakeup descriptor, whatever handlers they have.

Dagster's handlers end an op by an exception. Python loses an exception that is raised in the callback of a weak
reference or in `__del__`, and the process would go on as if nobody had stopped it.
"""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable
from typing import Self

_SIGNALS = frozenset((signal.SIGTERM, signal.SIGINT))


class Interrupts:
    """Calls what `tell` was given when SIGTERM or SIGINT comes while the context is entered.

    Python writes the number of each signal to the descriptor. Where another part of the process uses it already, and
    outside of the main thread, nothing is called.
    """

    def __init__(self) -> None:
        self._calls: list[Callable[[], object]] = []
        self._came = False
        self._lock = threading.Lock()
        self._writer: socket.socket | None = None

    def __enter__(self) -> Self:
        self._calls, self._came = [], False
        if threading.current_thread() is threading.main_thread():
            reader, writer = socket.socketpair()
            writer.setblocking(False)
            before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
            if before == -1:
                self._writer = writer
                threading.Thread(target=self._wait, args=(reader,), name="interrupts", daemon=True).start()
            else:
                signal.set_wakeup_fd(before)
                reader.close()
                writer.close()
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            # Only the main thread can reset the descriptor; elsewhere the process keeps this one.
            with contextlib.suppress(ValueError):
                signal.set_wakeup_fd(-1)
                self._writer.close()
            self._writer = None

    def tell(self, call: Callable[[], object]) -> None:
        """Call this in another thread when a signal comes, or now if one came before."""
        with self._lock:
            self._calls.append(call)
            came = self._came
        if came:
            call()

    def _wait(self, reader: socket.socket) -> None:
        with reader:
            while _SIGNALS.isdisjoint(numbers := reader.recv(64)):
                if not numbers:  # the writer is closed
                    return
        with self._lock:
            self._came, calls = True, self._calls
        for call in calls:
            call()
