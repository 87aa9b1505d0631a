"""Pages asked for ahead of the one at hand, so that a walk does not wait for each answer in turn.

Belongs here: what is under way at once. Which pages there are and what they mean is in `planion_assets.feed.walk`.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

_Page = TypeVar("_Page")


class Ahead(Generic[_Page]):
    """Gives pages by number, in order, with up to `at_once` of them under way.

    As a context manager it ends when no request is under way any more; those not begun are given up.
    """

    def __init__(self, get: Callable[[int], _Page], at_once: int) -> None:
        self._get = get
        self._at_once = at_once
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: dict[int, Future[_Page]] = {}

    def __enter__(self) -> "Ahead[_Page]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def page(self, number: int, last: int) -> _Page:
        """That page; those behind it up to `last` are asked for meanwhile. Raises what asking for it raised."""
        if self._at_once == 1 or (last <= number and number not in self._under_way):
            return self._get(number)
        self._pool = self._pool or ThreadPoolExecutor(self._at_once, thread_name_prefix="pages")
        for following in range(number, min(last, number + self._at_once - 1) + 1):
            if following not in self._under_way:
                self._under_way[following] = self._pool.submit(self._get, following)
        return self._under_way.pop(number).result()
