"""The process beside this one that makes tables: how it is started, asked and ended."""

import contextlib
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence

from planion_assets.build import Made, Order
from planion_assets.making.question import Answer, Question
from planion_assets.store import Store

logger = logging.getLogger(__name__)

_PROGRAM = "planion_assets.making.process"
_END_WITHIN = 10.0  # seconds; nothing takes that long but a disk that hangs


class GoneError(Exception):
    """The process ended without an answer."""


class Beside:
    """A process that makes one order at a time. It ends when it is closed, or with this process however that ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._ending: threading.Timer | None = None
        self._starting = threading.Lock()
        self._asking = threading.Lock()

    @property
    def started(self) -> bool:
        """Whether it was started; an order can wait for it to be ready."""
        return self._process is not None

    def start(self) -> None:
        """Start it, where it is not; does not wait until it is ready. Raises OSError."""
        with self._starting:
            if self._process is None:
                # Found where this process finds its modules, and not in the folder where somebody happens to be (-P).
                environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)}
                command = [sys.executable, "-P", "-m", _PROGRAM]
                # In a group of its own: a terminal interrupts this process, which then has no more to ask.
                self._process = subprocess.Popen(  # noqa: S603 - this project's own program
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, process_group=0
                )

    def make(self, order: Order, store: Store) -> tuple[Sequence[Made], OSError | None]:
        """The files of an order as far as the disk took them, and what it said of the first that it refused.

        Waits for orders before this one. Raises `GoneError`; what the process had begun is swept with other leftovers.
        """
        try:
            self.start()
        except OSError as error:
            raise GoneError(f"it could not be started: {error}") from error
        with self._asking:
            return self._answer(pickle.dumps(Question.of(order, store), pickle.HIGHEST_PROTOCOL))

    def hurry(self) -> None:
        """Let nobody wait for it for longer than some seconds more: it is killed if it has not been closed then."""
        if self._process and self._ending is None:
            self._ending = threading.Timer(_END_WITHIN, self._process.kill)
            self._ending.daemon = True
            self._ending.start()

    def close(self) -> None:
        """End it, once it has made what it is making."""
        if self._ending:
            self._ending.cancel()
        if self._process is None:
            return
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with contextlib.suppress(OSError):  # of what it did not read
                    stream.close()
        try:
            self._process.wait(_END_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self, question: bytes) -> tuple[Sequence[Made], OSError | None]:
        running = self._process
        if running is None or running.stdin is None or running.stdout is None:
            raise GoneError("it was not started")
        try:
            running.stdin.write(question)
            running.stdin.flush()
            answer: Answer = pickle.load(running.stdout)  # noqa: S301 - of a process that this one started
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            raise GoneError(f"it ended (exit status {running.poll()}; {error!r})") from error
        return answer.files, answer.refusal
