"""Doing several things at once and giving their results as they come. Knows nothing of what they are.

Whoever stops early waits for what is under way no longer than some seconds: what is left behind then ends with the
process, as it would by SIGKILL.
"""

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from itertools import islice
from types import TracebackType
from typing import TypeVar

from planion_assets.daemon_threads import DaemonThreadPool

LEFT_BEHIND_AFTER = 6.0
"""Seconds that whoever stops early waits for what is under way."""

MEANWHILE_LEFT_BEHIND_AFTER = 2.0
"""The same of what is done meanwhile: short questions. Both together are less than the 15 s in which a run ends."""

# Seconds in which the first requests are sent, before anything is done beside them: Python runs one thread at a time.
_HEAD_START = 0.03

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def map_unordered(
    work: Callable[[_Given], _Made], given: Iterable[_Given], at_once: int, give_up: Callable[[], None]
) -> Generator[_Made, None, None]:
    """What `work` makes of each, as each is done, with up to `at_once` under way: a slow one keeps no other waiting.

    Whoever stops early (an exception, a signal, no further interest) waits up to `LEFT_BEHIND_AFTER` for those under
    way, which `give_up` is called to hurry; those not begun are left.
    """
    coming = iter(given)
    ended: queue.SimpleQueue[Future[_Made]] = queue.SimpleQueue()
    pool = DaemonThreadPool(at_once, "conferences")

    def begin(how_many: int) -> int:
        begun = 0
        for one in islice(coming, how_many):
            pool.submit(work, one).add_done_callback(ended.put)
            begun += 1
        return begun

    done = False
    try:
        under_way = begin(at_once)
        while under_way:
            future = ended.get()
            under_way += begin(1) - 1
            made = future.result()
            del future  # holds what was made, which is the caller's alone
            yield made
            del made
        done = True
    finally:
        if not done:
            give_up()
        pool.shutdown(LEFT_BEHIND_AFTER, cancel=True)


class Meanwhile:
    """Does things one after the other in a thread, while whoever wants them waits for something else.

    It begins when the other has had a head start, or at once when a result is asked for. As a context manager it ends
    when all is done, or after `MEANWHILE_LEFT_BEHIND_AFTER` where an exception ends it.
    """

    def __init__(self) -> None:
        self._waited = threading.Event()
        self._pool = DaemonThreadPool(1, "meanwhile")
        self._pool.submit(self._waited.wait, _HEAD_START)

    def __enter__(self) -> "Meanwhile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._waited.set()
        if kind is None:
            self._pool.shutdown()
        else:
            self._pool.shutdown(MEANWHILE_LEFT_BEHIND_AFTER, cancel=True)

    def do(self, work: Callable[[], _Made]) -> Callable[[], _Made]:
        """What gives the result of `work`, or raises what it raised, once it is done."""
        coming = self._pool.submit(work)

        def result() -> _Made:
            self._waited.set()
            return coming.result()

        return result
