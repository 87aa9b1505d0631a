"""A small conference on a scripted feed, refreshed in this process without Dagster, and what is stored of it."""

import os
import signal
import sys
from pathlib import Path
from typing import Any, Self

from planion_assets.feed.client import FeedClient
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import Store
from planion_assets.tables import catalog
from planion_assets.tables.model import Table
from planion_assets_tests.faults.steps import at_step
from planion_assets_tests.feed.server import (
    FAST,
    KEY,
    TOKEN,
    FakeTime,
    Request,
    Response,
    ScriptedServer,
    item,
    page_of,
)
from planion_assets_tests.forks import Fork, fork

# The first and the last of them, and some between: all tables are written alike, and more take only time.
WRITTEN = tuple(
    catalog.table(name)
    for name in (
        "raw_sessions",
        "published_sessions",
        "published_session_speakers",
        "sessions",
        "session_speakers",
        "rejected_items",
    )
)
"""The tables that are refreshed, in the order in which they are written."""


class Conference:
    """Its feed has one state after the other; `server.url` is the feed, `number` the state's number from 0."""

    def __init__(self) -> None:
        self.number = 0
        self.server = ScriptedServer(self._answer)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self.server.__exit__(None, None, None)

    def advance(self) -> None:
        """Edit every row."""
        self.number += 1

    def rows(self, number: int) -> list[Any]:
        """The rows of a state: every table has one, and every row differs from that of another state."""
        text = f"state {number}"
        speaker = {"pid": "1", "pslinkid": "1", "published": True, "role": text}
        return [item("1", sessionName=text, published=True, speakers=[speaker]), text]

    def _answer(self, request: Request) -> Response:
        return page_of(self.rows(self.number), request.page)


def client(url: str) -> FeedClient:
    """A client that never waits."""
    return FeedClient(url, TOKEN, limits=FAST, clock=FakeTime().clock())


def refreshed(store: Store, url: str, key: ConferenceKey = KEY) -> Refreshed | Failed:
    """One refresh of the tables, given in the catalog's order."""
    tables = [table for table in catalog.TABLES if table in WRITTEN]
    with client(url) as feed:
        (outcome,) = refresh([key], tables, store, lambda _: feed, lambda _: RefreshOptions())
    return outcome


def refreshed_in_child(url: str, data: Path, step: str = "none", folder: Path = Path()) -> Fork:
    """The same in a process of its own, which kills itself where a file below the folder is at that step."""
    return fork(_refresh, url, data, step, folder)


def _refresh(url: str, data: Path, step: str, folder: Path) -> None:
    with at_step(step, folder, lambda: os.kill(os.getpid(), signal.SIGKILL)):
        sys.exit(not isinstance(refreshed(LocalStore(data), url), Refreshed))


def snapshot_of(store: Store, table: Table, key: ConferenceKey = KEY) -> str:
    """The snapshot that a stored table says it shows; its file must be whole."""
    store.read(table.location, key).validate(full=True)
    provenance = store.footer(table.location, key).provenance
    assert provenance is not None
    return provenance.snapshot


def contents(store: LocalStore) -> dict[str, bytes]:
    """The bytes of every stored table, by location."""
    return {table.location: store.path(table.location, KEY).read_bytes() for table in WRITTEN}


def leftovers(root: Path) -> list[str]:
    """The files of writers that did not end."""
    return [path.name for path in root.rglob(".*") if path.is_file() and path.suffix == ".tmp"]
