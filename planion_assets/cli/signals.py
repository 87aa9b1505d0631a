"""Stopping by a signal: SIGTERM, SIGINT and SIGHUP end a refresh in the order in which a failure would, within seconds.

Belongs here: which signal came, the exit code for it, and the end of a process that does not end by itself. What a
stop undoes is where the work is: atomic_write.py, locks.py, daemon_threads.py. Imports nothing large, so that signals
are handled before anything else is loaded.
"""

import contextlib
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn

ENDS_WITHIN = 12.0
"""Seconds after the first signal in which the process comes to its own end; after them it is ended as it is."""

# A second one within this time is the first again: `timeout` sends each twice, to the process and to its group.
_SAME_WITHIN = 0.2  # seconds
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# A byte that is no signal's number. It wakes `_watch`.
_WAKE = b"\0"


class Signals:
    """The signals that came while `catch_signals` was entered.

    While Dagster runs a step it has handlers of its own, whose exception does not say which signal came. Python writes
    the number of each signal to a socket, whatever handler it has.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._first: signal.Signals | None = None
        self._first_at = 0.0
        self._raised = False
        self._lock = threading.RLock()

    @property
    def first(self) -> signal.Signals | None:
        """The first signal that came; None if none did."""
        before = self._first
        self._read()
        if self._first is not before:
            with contextlib.suppress(OSError):
                self._writer.send(_WAKE)  # `_watch` has not seen what was read here
        return self._first

    def check(self) -> None:
        """Raise KeyboardInterrupt if a signal came: one raised by the handler may be lost in a callback."""
        if self.first:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def catch_signals(self) -> Iterator[None]:
        """Have the signals raise KeyboardInterrupt, and note which came. Once, and in the main thread.

        A second signal ends the process at once, and so does `ENDS_WITHIN` after the first, whatever it waits for.
        """
        # Started before any signal: afterwards it might be too late for a thread to start.
        watch = threading.Thread(target=self._watch, name="signals", daemon=True)
        watch.start()
        descriptor = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        unraisable, sys.unraisablehook = sys.unraisablehook, _without_interrupts(sys.unraisablehook)
        handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        if logging.lastResort:
            logging.lastResort.addFilter(_is_no_interrupt)
        try:
            for number, handler in handlers.items():
                if number is not signal.SIGHUP:
                    signal.signal(number, self._interrupt)
                elif handler is not signal.SIG_IGN:  # as `nohup` sets it
                    signal.signal(number, _as_interrupt)
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            sys.unraisablehook = unraisable
            if logging.lastResort:
                logging.lastResort.removeFilter(_is_no_interrupt)
            signal.set_wakeup_fd(descriptor)
            self._writer.close()
            watch.join()
            self._reader.close()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.first and self._raised:
            return
        self._raised = True
        raise KeyboardInterrupt

    def _read(self) -> bool:
        """Read the signals that came, of which a second one ends the process. False once no more can come."""
        with self._lock, contextlib.suppress(OSError):
            while numbers := self._reader.recv(64):
                for number in filter(_SIGNALS.__contains__, numbers):
                    if self._first is None:
                        self._first, self._first_at = signal.Signals(number), time.monotonic()
                    elif time.monotonic() > self._first_at + _SAME_WITHIN:
                        os._exit(128 + self._first)
            return False
        return True

    def _watch(self) -> None:
        """Read signals, and end the process when it has not ended in time after the first."""
        wait: float | None = None
        while select.select([self._reader], [], [], wait)[0]:
            if not self._read():
                return
            if self._first:
                wait = max(0.0, self._first_at + ENDS_WITHIN - time.monotonic())
        if self._first:
            os._exit(128 + self._first)


@contextlib.contextmanager
def ending(message: str) -> Iterator[Signals]:
    """Where a signal came in the block, end the process after it: with the signal's exit code, and the line `message`.

    By `os._exit`, which waits for nothing.
    """
    signals = Signals()
    try:
        with signals.catch_signals():
            try:
                yield signals
            except BaseException:
                if not signals.first:
                    raise
            if signals.first:
                _exit_by(signals.first, message)
    except KeyboardInterrupt:
        _exit_by(signals.first or signal.SIGINT, message)


@contextlib.contextmanager
def at_once(message: str) -> Iterator[None]:
    """Within the block a signal ends the process at once (`end_at_once`): for work that leaves nothing to undo."""
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        end_at_once(message)
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def end_at_once(message: str = "") -> None:
    """Have SIGTERM and SIGINT end the process at once and without a traceback, with the exit code of the signal."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        _exit_by(signal.Signals(number), message)

    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as a shell sets it for what it runs in the background
            signal.signal(number, end)


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    """Call the current handler of SIGINT: Dagster installs its own for that, and none for SIGHUP."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(number, frame)


def _without_interrupts(hook: Any) -> Any:
    """The hook for exceptions that Python cannot raise, silent about interrupts: those are read from the socket."""

    def quiet(unraisable: Any) -> None:
        if unraisable.exc_type is None or issubclass(unraisable.exc_type, Exception):
            hook(unraisable)

    return quiet


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    """Whether a record is not about an interrupt: SQLAlchemy logs one, traceback and all, before it raises it again."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or issubclass(kind, Exception)


def _exit_by(number: signal.Signals, message: str) -> NoReturn:
    """Print one line and end. Past Python's streams, since a signal may have come while Python writes to one."""
    line = f"stopped by {number.name}: {message}\n" if message else f"stopped by {number.name}\n"
    with contextlib.suppress(OSError):
        os.write(2, line.encode())
    os._exit(128 + number)
