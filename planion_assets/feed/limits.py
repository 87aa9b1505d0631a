"""The bounds of reading, and the clock they are measured with."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of reading: seconds, tries of one page, pages and walks of one conference, bytes of a page and of a walk.

    `max_retry_after` is the longest wait (seconds) that a server may ask for; it fails at once where it asks for more.
    `max_at_once` is how many pages of one walk may be under way at the same time.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    walk_timeout: float = 300.0
    max_retry_after: float = 120.0
    max_attempts: int = 5
    max_pages: int = 1000
    max_page_bytes: int = 64 << 20
    max_walk_bytes: int = 512 << 20
    max_walks: int = 4
    max_at_once: int = 1


@dataclass(frozen=True, slots=True)
class Clock:
    """The passing of time, so that tests need not wait: `monotonic` and `wall` in seconds.

    `wait` waits for an event for so many seconds at most.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    wait: Callable[[threading.Event, float], object] = threading.Event.wait


class TimeLeft(threading.local):
    """How long a read may still wait: `ends_at` is on the clock's monotonic scale, set for each request in its thread.

    Nothing is left once reading is `abandoned`.
    """

    def __init__(self, clock: Clock, read_timeout: float, abandoned: threading.Event) -> None:
        self.clock = clock
        self.read_timeout = read_timeout
        self.abandoned = abandoned
        self.ends_at = 0.0

    def seconds(self) -> float:
        """Seconds until the end; not positive once it has passed."""
        return -1.0 if self.abandoned.is_set() else self.ends_at - self.clock.monotonic()

    def for_one_read(self) -> float:
        """Seconds that the next read may wait for data. Raises TimeoutError when the end has passed."""
        left = self.seconds()
        if left <= 0:
            raise TimeoutError("the walk's time is up")
        return min(self.read_timeout, left)
