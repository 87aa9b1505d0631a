"""Pages asked for ahead of the one at hand, so that a walk does not wait for each answer in turn.

Belongs here: what is under way at once. Which pages there are and what they mean is in `planion_assets.feed.walk`.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, Generic, TypeVar

from planion_assets.daemon_threads import DaemonThreadPool

_Page = TypeVar("_Page")

Get = Callable[[int, AbstractContextManager[Any]], _Page]
"""Gets a page by number: inside of the context from asking for it to its answer, each time it asks, and no longer."""


class Prefetch(Generic[_Page]):
    """Gives pages by number, in order, with up to `at_once` of them asked for and not answered.

    An answer makes room for the next page at once, before anybody has read what it holds; of pages that nobody has
    taken yet there are no more than twice `at_once`. Where a page was asked for in vain, none that is `at_once` or more
    behind it is asked for until it has come. As a context manager it ends when no request is under way any more; those
    not begun are given up.
    """

    def __init__(self, get: Get[_Page], at_once: int) -> None:
        self._get = get
        self._at_once = at_once
        self._pool: DaemonThreadPool | None = None
        self._under_way: dict[int, Future[_Page]] = {}
        self._at_hand = self._next = self._last = 1
        self._unanswered: set[int] = set()
        self._in_vain: set[int] = set()
        self._ended = False
        self._lock = threading.Lock()
        # Pages that are asked for in order keep to `at_once`; one whose answer could not be read comes between them.
        self._asking = threading.Semaphore(at_once)

    def __enter__(self) -> "Prefetch[_Page]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._ended = True
        if self._pool:
            self._pool.shutdown(cancel=True)
        # What gets pages may know this object: together they would wait for the search for garbage, which comes rarely.
        self._under_way.clear()
        del self._get

    def page(self, number: int, last: int) -> _Page:
        """That page; those behind it up to `last` are asked for meanwhile. Raises what asking for it raised."""
        if self._at_once == 1:
            return self._get(number, nullcontext())
        with self._lock:
            self._at_hand, self._last = number, last
            if number < last:
                self._ask()
            coming = self._under_way.pop(number, None)
            if coming is None:
                self._next = number + 1
                self._unanswered.add(number)
        return coming.result() if coming else self._get(number, _Exchange(number, self._asking, self._note))

    def expect(self, last: int) -> None:
        """Ask for the pages up to `last` while the one at hand is read. From any thread."""
        if self._at_once > 1:
            with self._lock:
                self._last = last
                self._ask()

    def _ask(self) -> None:
        """Ask for every page that there is room for; with the lock held."""
        if self._ended:
            return
        ends = [self._last + 1, self._at_hand + 2 * self._at_once, *(page + self._at_once for page in self._in_vain)]
        while self._next < min(ends) and len(self._unanswered) < self._at_once:
            # Twice as many threads: while some wait for answers, as many read or wait to read.
            self._pool = self._pool or DaemonThreadPool(2 * self._at_once, "pages")
            exchange = _Exchange(self._next, self._asking, self._note)
            self._under_way[self._next] = self._pool.submit(self._get, self._next, exchange)
            self._unanswered.add(self._next)
            self._next += 1

    def _note(self, number: int, came: bool) -> None:
        with self._lock:
            if came:
                self._unanswered.discard(number)
                self._in_vain.discard(number)
                self._ask()
            else:
                self._in_vain.add(number)


class _Exchange:
    """The time from asking for a page to its answer; `note` is told whether one came."""

    def __init__(self, number: int, asking: threading.Semaphore, note: Callable[[int, bool], None]) -> None:
        self._number, self._asking, self._note = number, asking, note

    def __enter__(self) -> None:
        self._asking.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._asking.release()
        self._note(self._number, error is None)
