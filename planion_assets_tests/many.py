"""A feed of many small conferences, refreshed in one run without Dagster."""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from planion_assets.feed.client import FeedClient
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.run import AT_ONCE, refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Table
from planion_assets_tests.feed.server import FAST, TOKEN, Request, Response, ScriptedServer, Wire, item, page_of

KEYS = tuple(ConferenceKey("AAA", f"C{number:02}") for number in range(AT_ONCE + 1))
"""One more than are under way at once."""
TABLES_OF_SESSIONS = [table for table in TABLES if table.endpoint == "sessions"]


class Many(ScriptedServer):
    """Serves the conferences, all in the state of that `number`, which has `sessions` sessions each."""

    def __init__(self, sessions: int = 3) -> None:
        super().__init__(self._page)
        self.number = 0
        self.sessions = sessions

    def _page(self, request: Request) -> Response | Wire:
        owner: dict[str, Any] = {name: request.where[name] for name in ("account", "conference")}
        speaker = {"pid": "7", "pslinkid": "70", "published": True, "role": "Chair"}
        title = f"State {self.number} of {owner['conference']}"
        rows = [
            item(str(number), sessionName=title, published=True, speakers=[speaker], abstract="text " * 100, **owner)
            for number in range(self.sessions)
        ]
        return page_of(rows, request.page)


def refreshed(
    store: LocalStore, url: str, keys: Sequence[ConferenceKey] = KEYS, tables: Sequence[Table] = TABLES_OF_SESSIONS
) -> list[Refreshed | Failed]:
    """One refresh of these tables, its outcomes in the order of the keys."""
    with coming(store, url, keys, tables) as outcomes:
        return sorted(outcomes, key=lambda outcome: keys.index(outcome.key))


@contextlib.contextmanager
def coming(
    store: LocalStore, url: str, keys: Sequence[ConferenceKey] = KEYS, tables: Sequence[Table] = TABLES_OF_SESSIONS
) -> Iterator[Any]:
    """The same as they come, under way once one is asked for."""
    limits = dataclasses.replace(FAST, max_at_once=2)
    with FeedClient(url, TOKEN, limits=limits) as feed:
        yield refresh(keys, tables, store, lambda _: feed, lambda _: RefreshOptions())
