"""Pages fetched before they are needed, so that a walk does not wait for each answer in turn."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from planion_assets.daemon_threads import DaemonThreadPool


class Prefetch:
    """Gives the bodies of pages by number, and fetches up to `at_once` of the following ones in other threads.

    No more than `at_once` bodies are under way or wait to be taken, so nothing far behind a page that has to be fetched
    again is fetched. As a context manager it waits for the requests under way, and drops those that have not started.
    """

    def __init__(self, fetch: Callable[[int], bytes], at_once: int) -> None:
        self._fetch = fetch
        self._at_once = at_once
        self._pool: DaemonThreadPool | None = None
        self._under_way: dict[int, Future[bytes]] = {}

    def __enter__(self) -> "Prefetch":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel=True)

    def get(self, number: int, following: Sequence[int] = ()) -> bytes:
        """The body of that page, with the numbers of those that will be asked for next. Raises what fetching raises."""
        following = following if self._at_once > 1 else ()
        if number not in self._under_way and not following:
            return self._fetch(number)
        self._start([number, *following])
        body = self._under_way[number].result()
        del self._under_way[number]
        self._start(following)
        return body

    def _start(self, numbers: Sequence[int]) -> None:
        self._pool = self._pool or DaemonThreadPool(self._at_once, "pages")
        for number in numbers[: self._at_once]:
            if number not in self._under_way:
                self._under_way[number] = self._pool.submit(self._fetch, number)
