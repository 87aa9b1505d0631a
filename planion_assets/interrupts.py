"""Whether SIGTERM or SIGINT came, read from Python's wakeup descriptor, whatever handler they have.

A handler ends what is under way by an exception, and Python loses one that is raised in the callback of a weak
reference or in `__del__`: the process would go on as if nobody had stopped it. Dagster's handlers raise in that way
while an op runs.
"""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable
from typing import Self

_SIGNALS = frozenset((signal.SIGTERM, signal.SIGINT))


class Interrupts:
    """Whether SIGTERM or SIGINT came while it was entered, and who is told of it.

    Python writes the number of each signal to a descriptor. Where another part of the process has that already, or
    outside of the main thread, nothing is noted.
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
            # From another thread Python takes no descriptor, and the process keeps this one.
            with contextlib.suppress(ValueError):
                signal.set_wakeup_fd(-1)
                self._writer.close()
            self._writer = None

    def tell(self, call: Callable[[], object]) -> None:
        """Call this when a signal comes, in another thread; now where one came before."""
        with self._lock:
            self._calls.append(call)
            came = self._came
        if came:
            call()

    def _wait(self, reader: socket.socket) -> None:
        with reader:
            while numbers := reader.recv(64):
                if not _SIGNALS.isdisjoint(numbers):
                    break
            else:
                return
        with self._lock:
            self._came, calls = True, self._calls
        for call in calls:
            call()
