"""Pages fetched before they are needed: the walk is the same, and nothing is left under way when it fails."""

import threading
import time
from typing import Any

import pytest

from planion_assets.feed.client import Limits
from planion_assets.feed.errors import FeedError
from planion_assets.feed.page import parse_page
from planion_assets.feed.prefetch import Prefetch
from planion_assets.feed.spooled_items import SpooledItems
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.server import (
    KEY,
    LocalFeed,
    Request,
    Response,
    client_of,
    items,
    page_of,
    pages_parsed,
)

HANGS = 180
"""Seconds after which a test is ended that would hang; no rule is about them."""
PREFETCHED = Limits(max_attempts=1, max_at_once=4)


class _Counted:
    """Serves 950 rows, slowly, and counts how many requests are under way at once.

    With `several` it waits after the first page until they are more than one.
    """

    def __init__(self, broken: int | None = None, *, several: bool = True) -> None:
        self.rows, self.broken = items(950), broken
        self.under_way = self.most = 0
        self._lock = threading.Lock()
        self._several = threading.Event()
        if not several:
            self._several.set()

    def __call__(self, request: Request) -> Response:
        """A page; the broken one at once."""
        with self._lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            if self.under_way > 1:
                self._several.set()
        try:
            if request.page == self.broken:
                return Response(b"", 404)
            time.sleep(0.05)
            assert request.page == 1 or self._several.wait(HANGS)
            return page_of(self.rows, request.page)
        finally:
            with self._lock:
                self.under_way -= 1


def test_a_page_that_fails_ends_the_walk_with_no_request_under_way() -> None:
    counted = _Counted(broken=3)
    with LocalFeed(counted) as server, client_of(server, limits=PREFETCHED) as client:
        with pytest.raises(FeedError, match="page 3 "):
            walk(client, KEY)
        assert counted.under_way == 0
        assert {request.page for request in server.requests} <= set(range(1, 8))


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_the_walk_is_the_same_and_no_more_are_under_way_than_allowed(at_once: int) -> None:
    counted = _Counted(several=at_once > 1)
    limits = Limits(max_attempts=1, max_at_once=at_once)
    with LocalFeed(counted) as server, client_of(server, limits=limits) as client:
        found = walk(client, KEY)
        assert sorted(request.page for request in server.requests) == list(range(1, 11))
    assert [item.content["schedid"] for item in found.items] == [str(n) for n in range(950)]
    assert counted.most <= at_once
    assert (counted.most > 1) == (at_once > 1)


def test_the_next_page_is_asked_for_before_the_one_that_came_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, asked = items(550), [threading.Event() for _ in range(7)]

    def answer(request: Request) -> Response:
        asked[request.page].set()
        return page_of(rows, request.page)

    def parse_late(body: bytes, number: int, *more: Any) -> Any:
        if number > 1:  # which tells how many there are
            assert asked[min(number + 1, 6)].wait(HANGS), f"page {number + 1} waits until page {number} is parsed"
        return parse_page(body, number, *more)

    monkeypatch.setattr("planion_assets.feed.client.parse_page", parse_late)
    with LocalFeed(answer) as server, client_of(server, limits=Limits(max_attempts=1, max_at_once=2)) as client:
        assert len(walk(client, KEY).items) == 550
        assert sorted(request.page for request in server.requests) == [1, 2, 3, 4, 5, 6]


def test_a_page_that_is_asked_for_again_is_not_left_behind() -> None:
    rows, lock, again = items(950), threading.Lock(), threading.Event()
    tries, furthest = 0, 0

    def answer(request: Request) -> Response:
        nonlocal tries, furthest
        with lock:
            if tries < 4:
                furthest = max(furthest, request.page)
            tries += request.page == 3
            if tries > 1:
                again.set()
            if request.page == 3 and tries < 4:
                return Response(b"", 503)
        if request.page == 4:
            again.wait(HANGS)
        return page_of(rows, request.page)

    with LocalFeed(answer) as server, client_of(server, limits=Limits(max_at_once=2)) as client:
        assert len(walk(client, KEY).items) == 950
        assert tries == 4
    assert furthest <= 4


def test_a_page_that_cannot_be_read_is_asked_for_again_in_its_turn() -> None:
    counted, first = _Counted(), threading.Event()

    def answer(request: Request) -> Response:
        page = counted(request)
        if request.page == 2 and not first.is_set():
            first.set()
            return Response(page.body[:-1])
        return page

    with LocalFeed(answer) as server, client_of(server, limits=Limits(max_at_once=2)) as client:
        assert len(walk(client, KEY).items) == 950
    assert counted.most == 2


def test_the_same_bytes_are_the_same_page_and_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = items(250)
    with LocalFeed(lambda request: page_of(rows, request.page)) as server, client_of(server) as client:
        spooled = SpooledItems()
        first = walk(client, KEY, spooled=spooled)
        parsed = pages_parsed(monkeypatch)
        again = walk(client, KEY, spooled=spooled)
        assert (parsed, again.digest) == ([], first.digest)
        rows[120] = {**rows[120], "sessionName": "other"}
        changed = walk(client, KEY, spooled=spooled)
        assert parsed == [2]
        assert changed.digest != first.digest


def test_of_pages_that_nobody_takes_no_more_are_fetched_than_at_once() -> None:
    asked: list[int] = []
    fetched = threading.Semaphore(0)

    def fetch(number: int) -> bytes:
        asked.append(number)
        fetched.release()
        return b"%d" % number

    def wait_for(count: int) -> None:
        for _ in range(count):
            assert fetched.acquire(timeout=HANGS)
        time.sleep(0.05)  # for one more, which there must not be

    with Prefetch(fetch, 2) as prefetch:
        assert prefetch.get(1) == b"1"
        assert prefetch.get(2, range(3, 51)) == b"2"
        wait_for(4)
        assert sorted(asked) == [1, 2, 3, 4]
        assert prefetch.get(3, range(4, 51)) == b"3"
        wait_for(1)
        assert sorted(asked) == [1, 2, 3, 4, 5]
