"""A pool of daemon threads, for which the end of the process does not wait, and `map_unordered` on it.

Python joins the threads of `concurrent.futures` at its end, however long they take: one that waits for a silent server
would keep the process alive after a signal.
"""

import atexit
import contextlib
import queue
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from functools import partial
from itertools import islice
from typing import Any, Self, TypeVar

from planion_assets.interrupts import Interrupts

LEFT_BEHIND_AFTER = 6.0
"""Seconds that a generator which is closed early waits for the calls under way."""
SHORT_WORK_LEFT_BEHIND_AFTER = 2.0
"""The same of a pool with short work. Both together are less than the 15 s in which a run ends."""

_Given = TypeVar("_Given")
_Result = TypeVar("_Result")
_Task = tuple[Future[Any], Callable[[], Any]]


class DaemonThreadPool:
    """Runs what is submitted, in order, in up to `at_most` threads. One thread submits."""

    def __init__(self, at_most: int, name: str) -> None:
        self._at_most = at_most
        self._name = name
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait until all is done; after an exception for seconds only, and work that has not started is dropped."""
        if kind is None:
            self.shutdown()
        else:
            self.shutdown(SHORT_WORK_LEFT_BEHIND_AFTER, cancel=True)

    def submit(self, work: Callable[..., _Result], *given: Any) -> Future[_Result]:
        """The future of `work(*given)`."""
        future: Future[_Result] = Future()
        self._tasks.put((future, partial(work, *given)))
        if len(self._threads) < self._at_most:
            thread = threading.Thread(target=self._run, name=f"{self._name}_{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def shutdown(self, timeout: float | None = None, *, cancel: bool = False) -> None:
        """Wait until all is done, up to `timeout` seconds; None waits without a bound. Nothing is submitted after it.

        With `cancel` work that has not started is dropped. What is not done in time goes on. While Python ends there is
        nothing to wait for: no other thread runs any more, and one may have been stopped with a lock.
        """
        if sys.is_finalizing():
            return
        with contextlib.suppress(queue.Empty):
            while cancel and (task := self._tasks.get_nowait()) is not None:
                task[0].cancel()
        for _ in self._threads:
            self._tasks.put(None)
        until = None if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            if thread.is_alive():
                thread.join(None if until is None else max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, work = task
            if future.set_running_or_notify_cancel():
                try:
                    result = work()
                except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
                    future.set_exception(error)
                else:
                    future.set_result(result)
                    del result
            # Only the future of the caller keeps the result: a thread that waits for more work must not.
            del task, future, work


def map_unordered(
    work: Callable[[_Given], _Result],
    given: Iterable[_Given],
    at_once: int,
    give_up: Callable[[], None],
    interrupts: Interrupts | None = None,
) -> Generator[_Result, None, None]:
    """The results of `work` on each of `given`, in the order in which they are done, up to `at_once` calls at a time.

    A generator that is closed early (by an exception or a signal) calls `give_up` to end the calls under way, waits for
    them up to `LEFT_BEHIND_AFTER`, and drops the others. One that stays suspended does so when Python begins to end:
    later no other thread runs. Raises KeyboardInterrupt where `interrupts` tell of a signal whose exception was lost.
    """
    waiting = iter(given)
    done: queue.SimpleQueue[Future[_Result]] = queue.SimpleQueue()
    pool = DaemonThreadPool(at_once, "conferences")
    if interrupts:
        interrupted: Future[_Result] = Future()
        interrupted.set_exception(KeyboardInterrupt())
        interrupts.tell(partial(done.put, interrupted))

    def start(how_many: int) -> int:
        futures = [pool.submit(work, one) for one in islice(waiting, how_many)]
        for future in futures:
            future.add_done_callback(done.put)
        return len(futures)

    def stop() -> None:
        if not sys.is_finalizing():
            give_up()
        pool.shutdown(LEFT_BEHIND_AFTER, cancel=True)

    atexit.register(stop)
    try:
        under_way = start(at_once)
        while under_way:
            future = done.get()
            under_way += start(1) - 1
            result = future.result()
            del future  # holds the result, which only the caller keeps
            yield result
            del result
    except BaseException:
        stop()
        raise
    finally:
        atexit.unregister(stop)
    pool.shutdown(LEFT_BEHIND_AFTER, cancel=True)
