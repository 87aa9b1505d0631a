"""The refresh of many conferences, several at once: their order, how a refresh is stopped, the note of each read."""

import contextlib
import itertools
import threading
from collections.abc import Generator, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial

from planion_assets.daemon_threads import map_unordered
from planion_assets.feed.client import FeedClient
from planion_assets.interrupts import Interrupts
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.conference import noted, refresh_conference
from planion_assets.refresh.options import OpenClient, OptionsOf
from planion_assets.refresh.outcomes import Failed, Outcome
from planion_assets.refresh.publish import locations_of
from planion_assets.storage.store import Store
from planion_assets.tables.model import TableSpec
from planion_assets.tables.raw_sessions import RAW_SESSIONS

AT_ONCE = 8
"""Conferences that are refreshed at once: while some wait for the feed, tables of others are built."""


def refresh(
    keys: Iterable[ConferenceKey],
    wanted: Sequence[TableSpec],
    store: Store,
    open_client: OpenClient,
    options_of: OptionsOf,
    *,
    interrupts: Interrupts | None = None,
) -> Generator[Outcome, None, None]:
    """Refresh the conferences, several at once, and give their outcomes as they end; one that fails stops no other.

    Closed early, it gives up what waits and leaves what does not end within seconds
    (`planion_assets.daemon_threads`). Raises KeyboardInterrupt at the signal that `interrupts` tell of.

    The accounts take turns, each with its conferences in their order: no account is asked for more than a few pages at
    once, so conferences of one account would wait for each other.

    With an endpoint's raw table among what is `wanted` the feed is read, and what changed is recorded in
    `session_changes` whether that is wanted or not; without it the tables are derived from the stored raw table, and
    `open_client` is not called.
    """
    store.sweep(locations_of(wanted))
    clients = _Clients(open_client)
    reads_sessions = RAW_SESSIONS in wanted

    def one(key: ConferenceKey) -> Outcome:
        return refresh_conference(key, wanted, store, clients.open, options_of, given_up=clients.given_up.is_set)

    # In other threads: a signal interrupts this one wherever it is, and a refresh that has begun must end by itself.
    outcomes = map_unordered(one, _by_turns(keys), AT_ONCE, clients.give_up, interrupts)
    with contextlib.closing(outcomes):
        for outcome in outcomes:
            if reads_sessions and isinstance(outcome, Failed):
                yield noted(outcome, partial(store.note_failure, outcome.key, datetime.now(UTC), outcome.reason))
            else:
                yield outcome


class _Clients:
    """The clients of one refresh, and whether it is given up: then nothing is waited for any more."""

    def __init__(self, open_client: OpenClient) -> None:
        self._open_client = open_client
        self._opened: set[FeedClient] = set()
        self._lock = threading.Lock()
        self.given_up = threading.Event()

    def open(self, key: ConferenceKey) -> FeedClient:
        """A conference's client, from any thread. Raises what opening one raises."""
        client = self._open_client(key)
        with self._lock:
            self._opened.add(client)
        if self.given_up.is_set():
            client.abandon()
        return client

    def give_up(self) -> None:
        """Let whatever waits for the feed or for a lock fail."""
        self.given_up.set()
        with self._lock:
            opened = list(self._opened)
        for client in opened:
            client.abandon()


def _by_turns(keys: Iterable[ConferenceKey]) -> list[ConferenceKey]:
    """The first conference of each account, then the second of each."""
    of_account: dict[str, list[ConferenceKey]] = {}
    for key in keys:
        of_account.setdefault(key.account, []).append(key)
    return [key for turn in itertools.zip_longest(*of_account.values()) for key in turn if key is not None]
