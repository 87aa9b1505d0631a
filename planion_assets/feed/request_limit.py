"""How many exchanges with the feed there may be at once, whoever has them."""

import threading
from types import TracebackType


class RequestLimit:
    """A context manager that is inside of all its semaphores, taken in their order; may be shared by threads."""

    def __init__(self, *semaphores: threading.Semaphore) -> None:
        self._semaphores = semaphores

    def __enter__(self) -> None:
        for semaphore in self._semaphores:
            semaphore.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for semaphore in reversed(self._semaphores):
            semaphore.release()
