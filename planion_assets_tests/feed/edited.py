"""A model of a feed that is edited between requests, read by the real walks: no HTTP, so that 100,000 readings are few.

One edit takes the row at the front away and puts another at the end; the next one takes that back, and so on. Every
count agrees at every moment, so a walk that saw both states shows nothing of it.
"""

import functools
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from planion_assets.feed.client import Clock, FeedClient, Limits
from planion_assets.feed.errors import UnevenWalkError
from planion_assets.feed.page import Page, parse_page
from planion_assets.feed.snapshot import read_snapshot
from planion_assets_tests.feed.server import KEY, items

SIZE = 10
TRUE, FALSE, REFUSED = "a state that the feed had", "a state that it never had", "refused"


class EditedFeed(FeedClient):
    """A feed that is read again and again; remembers the numbers of the pages that the last reading `asked` for.

    As Eve does, it `honours_size`: a page holds as many items as are asked for, ten at most. `_meta` names the size
    where it `states_size`.
    """

    def __init__(self, *, honours_size: bool = True, states_size: bool = True) -> None:
        super().__init__("http://127.0.0.1/feed/v1", "token", limits=Limits(), clock=Clock())
        self.honours_size, self.states_size = honours_size, states_size
        self.asked: list[int] = []
        self._parsed: dict[bytes, Page[Any]] = {}

    def get(
        self,
        key: Any,
        number: int,
        read: Callable[[bytes], Any],
        size: int | None = None,
        body: bytes | None = None,
        **_: Any,
    ) -> Any:
        """What `read` makes of a page as the feed is at the moment, or of the `body` that came before."""
        if body is not None:
            return read(body)
        self._state ^= self._edits(len(self.asked))
        self.asked.append(number)
        size = (size if self.honours_size else None) or SIZE
        return read(_body(self._pages, self._state, number, size, states_size=self.states_size))

    def parse(self, body: bytes, number: int) -> Page[Any]:
        """The page; each is parsed once, for there are few of them."""
        if body not in self._parsed:
            self._parsed[body] = parse_page(body, number)
        return self._parsed[body]

    def reading(self, pages: int, edits: Callable[[int], bool]) -> str:
        """What comes of reading so many pages, edited before each request (from 0) for which `edits` says so."""
        self._pages, self._edits, self._state = pages, edits, 0
        self.asked.clear()
        try:
            snapshot = read_snapshot(self, KEY)
        except UnevenWalkError:
            return REFUSED
        came = Counter(row.digest for row in snapshot.items)
        return TRUE if came in _truths(self._pages) else FALSE


def _rows(pages: int, state: int) -> list[dict[str, Any]]:
    rows = items((pages - 1) * SIZE + 3)
    return rows[1:] if state else rows[:-1]


@functools.cache
def _body(pages: int, state: int, number: int, size: int = SIZE, *, states_size: bool = True) -> bytes:
    rows = _rows(pages, state)
    links = {"next": {"href": "sessions"}} if number * size < len(rows) else {}
    meta = {"page": number, "total": len(rows)} | ({"max_results": size} if states_size else {})
    return json.dumps({"_items": rows[(number - 1) * size : number * size], "_meta": meta, "_links": links}).encode()


@functools.cache
def _truths(pages: int) -> list[Counter[str]]:
    """What the feed holds in each of its states."""
    return [
        Counter(item.digest for n in range(1, pages + 1) for item in parse_page(_body(pages, state, n), n).items)
        for state in (0, 1)
    ]
