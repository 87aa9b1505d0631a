"""Doing several things at once and giving their results as they come. Knows nothing of what they are."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from types import TracebackType
from typing import TypeVar

# Seconds in which the first requests are sent, before anything is done beside them: Python runs one thread at a time.
_HEAD_START = 0.03

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def as_completed(
    work: Callable[[_Given], _Made], given: Iterable[_Given], at_once: int, give_up: Callable[[], None]
) -> Iterator[_Made]:
    """What `work` makes of each, as each is done, with up to `at_once` under way: a slow one keeps no other waiting.

    Whoever stops early (an exception, a signal, no further interest) waits for those under way, which `give_up` is
    called to hurry; those not begun are left.
    """
    coming = iter(given)
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="conferences")
    done = False
    try:
        under_way: list[Future[_Made]] = [pool.submit(work, one) for one in islice(coming, at_once)]
        while under_way:
            ended = wait(under_way, return_when=FIRST_COMPLETED).done
            ready = [one for one in under_way if one in ended]
            under_way = [one for one in under_way if one not in ended]
            under_way += [pool.submit(work, one) for one in islice(coming, len(ready))]
            for one in ready:
                yield one.result()
        done = True
    finally:
        if not done:
            give_up()
        pool.shutdown(wait=True, cancel_futures=True)


class Meanwhile:
    """Does things one after the other in a thread, while whoever wants them waits for something else.

    It begins when the other has had a head start, or at once when a result is asked for. As a context manager it ends
    when all is done.
    """

    def __init__(self) -> None:
        self._waited = threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="meanwhile")
        self._pool.submit(self._waited.wait, _HEAD_START)

    def __enter__(self) -> "Meanwhile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._waited.set()
        self._pool.shutdown(wait=True)

    def do(self, work: Callable[[], _Made]) -> Callable[[], _Made]:
        """What gives the result of `work`, or raises what it raised, once it is done."""
        coming = self._pool.submit(work)

        def result() -> _Made:
            self._waited.set()
            return coming.result()

        return result
