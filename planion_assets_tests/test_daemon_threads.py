"""Several things at once: results as they come, a bound, and an early end that waits for what is under way."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from planion_assets import daemon_threads
from planion_assets.daemon_threads import DaemonThreadPool, map_unordered
from planion_assets.interrupts import Interrupts


class _Work:
    """Doubles numbers, the even ones slowly, and counts."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.under_way = self.most = 0
        self.hurried = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, number: int) -> int:
        """The double."""
        with self._lock:
            self.started.append(number)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        self.hurried.wait(0.05 if number % 2 == 0 else 0)
        if number == 13:
            time.sleep(0.01)
        with self._lock:
            self.under_way -= 1
        if number == 99:
            raise ValueError("no double")
        return 2 * number


def test_an_error_ends_it_after_those_under_way_and_begins_no_more() -> None:
    work = _Work()
    with pytest.raises(ValueError, match="no double"):
        list(map_unordered(work, [1, 99, *range(100, 150)], 3, work.hurried.set))
    assert work.under_way == 0
    assert work.hurried.is_set()
    assert len(work.started) < 10


def test_whoever_stops_early_hurries_and_waits_for_those_under_way() -> None:
    work = _Work()
    coming = map_unordered(work, range(50), 4, work.hurried.set)
    assert {next(coming) for _ in range(3)} <= {2 * number for number in range(12)}
    coming.close()
    assert work.hurried.is_set()
    assert work.under_way == 0
    assert len(work.started) < 12


def test_every_result_comes_once_and_no_more_are_under_way_than_allowed() -> None:
    work = _Work()
    results = list(map_unordered(work, range(20), 4, work.hurried.set))
    assert sorted(results) == [2 * number for number in range(20)]
    assert 1 < work.most <= 4
    assert not work.hurried.is_set()
    assert list(map_unordered(work, [], 4, work.hurried.set)) == []


def test_a_slow_one_keeps_no_other_waiting() -> None:
    others_done = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert others_done.wait(180)
        return number

    coming = map_unordered(work, range(9), 3, others_done.set)
    assert sorted(next(coming) for _ in range(8)) == list(range(1, 9))
    others_done.set()
    assert list(coming) == [0]


def test_short_work_is_done_in_order_and_waited_for_though_nobody_asks() -> None:
    done: list[int] = []

    def fail() -> None:
        raise KeyError

    with DaemonThreadPool(1, "short") as pool:
        pool.submit(done.append, 1)
        failing = pool.submit(fail)
        pool.submit(done.append, 2)
    assert done == [1, 2]
    with pytest.raises(KeyError):
        failing.result()


def test_whoever_stops_early_leaves_behind_what_does_not_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon_threads, "LEFT_BEHIND_AFTER", 0.1)
    monkeypatch.setattr(daemon_threads, "SHORT_WORK_LEFT_BEHIND_AFTER", 0.1)
    never, started = threading.Event(), threading.Semaphore(0)

    def work(number: int) -> int:
        started.release()
        return number or never.wait(600)

    coming = map_unordered(work, [1, 0, 0], 3, lambda: None)
    assert next(coming) == 1
    assert all(started.acquire(timeout=180) for _ in range(3)), "work that has not started would be dropped"
    coming.close()
    with contextlib.suppress(KeyError), DaemonThreadPool(1, "short") as pool:
        pool.submit(work, 0)
        assert started.acquire(timeout=180)
        raise KeyError
    left = [thread for thread in threading.enumerate() if thread.name.startswith(("conferences_", "short_"))]
    assert len(left) >= 3, "nobody has waited until they ended"
    assert all(thread.daemon for thread in left), "what is left behind keeps no process alive"
    never.set()
    for thread in left:
        thread.join(180)
    assert not any(thread.is_alive() for thread in left), "and ends when it can"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("is_iterating", [False, True])
def test_a_signal_whose_exception_python_lost_interrupts_all_the_same(is_iterating: bool) -> None:
    class Freed:
        """As a weak reference's callback is: what is raised in it is printed and lost."""

        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(1000):  # Python calls the handler between two instructions
                pass

    never = threading.Event()
    with Interrupts() as interrupts:
        coming = map_unordered(lambda number: number or never.wait(600), [1, 0], 2, never.set, interrupts)
        if is_iterating:
            assert next(coming) == 1
        Freed()
        with pytest.raises(KeyboardInterrupt):
            list(coming)
    assert never.is_set(), "what was under way is given up"
    with Interrupts() as interrupts:
        assert list(map_unordered(abs, [1, 2], 1, never.set, interrupts)) == [1, 2], "an earlier signal is forgotten"
    assert signal.set_wakeup_fd(-1) == -1


def test_signals_are_left_to_who_looks_after_them_already() -> None:
    with Interrupts(), Interrupts() as second:
        calls: list[int] = []
        second.tell(lambda: calls.append(1))
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        assert not calls


SUSPENDED = """
import os, signal, sys, threading, time
from planion_assets.daemon_threads import map_unordered
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
given_up, started = threading.Event(), threading.Semaphore(0)

def work(number):
    if number:
        started.release()
        given_up.wait()
        os.write(1, b"undone\\n")  # one call: the lines of `print` from several threads can meet
    return number

coming = map_unordered(work, range(12), 8, given_up.set)
first = next(coming)
for _ in range(8):  # a call that has not started would be dropped
    started.acquire()
print(first, flush=True)
time.sleep(600)
"""


def test_a_generator_that_stays_suspended_is_closed_while_other_threads_still_run() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", SUSPENDED], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "0\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(180) == 143
        assert process.stdout.read() == "undone\n" * 8
