"""Doing several things at once and giving their results in order. Knows nothing of what they are."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def in_order(
    work: Callable[[_Given], _Made], given: Iterable[_Given], at_once: int, give_up: Callable[[], None]
) -> Iterator[_Made]:
    """What `work` makes of each, in order, up to `at_once` under way ahead of the one that is waited for.

    Whoever stops early (an exception, a signal, no further interest) waits for those under way, which `give_up` is
    called to hurry; those not begun are left.
    """
    coming = iter(given)
    under_way: deque[Future[_Made]] = deque()
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="conferences")
    done = False
    try:
        under_way.extend(pool.submit(work, one) for one in islice(coming, at_once))
        while under_way:
            made = under_way.popleft().result()
            under_way.extend(pool.submit(work, one) for one in islice(coming, 1))
            yield made
        done = True
    finally:
        if not done:
            give_up()
        pool.shutdown(wait=True, cancel_futures=True)
