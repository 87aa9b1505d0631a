"""Pages asked for ahead: the same walk as one page after the other, and nothing left under way when it fails."""

import threading
import time

import pytest

from planion_assets.feed.client import Limits
from planion_assets.feed.errors import FeedError
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.server import KEY, Request, Response, ScriptedServer, client_of, items, page_of

AHEAD = Limits(max_attempts=1, max_at_once=4)


class _Counted:
    """Serves 950 rows, slowly, and counts how many requests are under way at once."""

    def __init__(self, broken: int | None = None) -> None:
        self.rows, self.broken = items(950), broken
        self.under_way = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Response:
        """A page; the broken one at once."""
        with self._lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            if request.page == self.broken:
                return Response(b"", 404)
            time.sleep(0.05)
            return page_of(self.rows, request.page)
        finally:
            with self._lock:
                self.under_way -= 1


def test_a_page_that_fails_ends_the_walk_with_no_request_under_way() -> None:
    counted = _Counted(broken=3)
    with ScriptedServer(counted) as server, client_of(server, limits=AHEAD) as client:
        with pytest.raises(FeedError, match="page 3 "):
            walk(client, KEY)
        assert counted.under_way == 0
        assert {request.page for request in server.requests} <= {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_the_walk_is_the_same_and_no_more_are_under_way_than_allowed(at_once: int) -> None:
    counted = _Counted()
    limits = Limits(max_attempts=1, max_at_once=at_once)
    with ScriptedServer(counted) as server, client_of(server, limits=limits) as client:
        found = walk(client, KEY)
        assert sorted(request.page for request in server.requests) == list(range(1, 11))
    assert [item.content["schedid"] for item in found.items] == [str(n) for n in range(950)]
    assert counted.most <= at_once
    assert (counted.most > 1) == (at_once > 1)


def test_the_same_bytes_are_the_same_page_and_others_are_read() -> None:
    rows = items(250)
    with ScriptedServer(lambda request: page_of(rows, request.page)) as server, client_of(server) as client:
        memory: dict[int, object] = {}
        first = walk(client, KEY, memory=memory)  # type: ignore[arg-type]  # an empty one
        before = dict(memory)
        again = walk(client, KEY, memory=memory)  # type: ignore[arg-type]
        assert all(memory[number] is before[number] for number in (1, 2, 3))
        assert again.digest == first.digest
        rows[120] = {**rows[120], "sessionName": "other"}
        changed = walk(client, KEY, memory=memory)  # type: ignore[arg-type]
        assert [memory[number] is before[number] for number in (1, 2, 3)] == [True, False, True]
        assert changed.digest != first.digest
