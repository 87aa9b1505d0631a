"""What one refresh does: fetch, verify, transform, write, conference by conference.

Joins the feed, the tables and the store; used by the assets. Knows nothing of Dagster: what happened comes back
as values (`planion_assets.refresh.outcomes`), and each conference's outcome is logged as it ends, with the value itself
as the record's `outcome`.
"""

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from planion_assets.config import ConfigError
from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import ENDPOINTS, SESSIONS, Endpoint
from planion_assets.feed.errors import FeedError, NotIncludedError
from planion_assets.feed.known_pages import StoredWalk
from planion_assets.feed.snapshot import read_snapshot
from planion_assets.keys import ConferenceKey
from planion_assets.refresh import change_log as history
from planion_assets.refresh import process_tuning as memory
from planion_assets.refresh.concurrency import map_unordered
from planion_assets.refresh.outcomes import Changes, Content, Failed, Refreshed, Skipped, StoredTable
from planion_assets.refresh.publish import LOCATIONS, WRITER, provenance_of, read_footers, shown, shows
from planion_assets.refresh.shrink import PARTITION_RUN, ShrinkLimit, check_not_shrunk
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.last_read import note_read
from planion_assets.storage.page_digests import PageDigests
from planion_assets.storage.store import Footer, NotStoredError, Store, StoreError, UnreadableFileError
from planion_assets.tables.arrow import builder as arrow
from planion_assets.tables.catalog import raw_table
from planion_assets.tables.model import Table, TableSpec, Zones
from planion_assets.tables.selection import duplicates, update_range
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.tables.sessions import SESSIONS as SESSIONS_TABLE

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""Conferences under way at once: while some wait for the feed, others are made into tables."""

_UPDATED = "session_updated_at"


@dataclass(frozen=True, slots=True)
class RefreshOptions:
    """What is wished for one conference: the zones its times are read in, the endpoints that are read.

    `min_rows_kept` is the fraction of the stored rows that must stay, unless `allow_shrink`; `allowing_run` tells a
    person which run in Dagster allows it.
    """

    zones: Zones = arrow.DEFAULT_ZONES
    endpoints: tuple[str, ...] = (SESSIONS.name,)
    min_rows_kept: float = 0.5
    allow_shrink: bool = False
    allowing_run: str = PARTITION_RUN

    @property
    def shrink_limit(self) -> ShrinkLimit | None:
        """How much of each table must stay; None where a person has allowed any loss."""
        return None if self.allow_shrink else ShrinkLimit(self.min_rows_kept, self.allowing_run)


OpenClient = Callable[[ConferenceKey], FeedClient]
OptionsOf = Callable[[ConferenceKey], RefreshOptions]


def refresh(
    keys: Iterable[ConferenceKey],
    wanted: Sequence[TableSpec],
    store: Store,
    open_client: OpenClient,
    options_of: OptionsOf,
) -> Generator[Refreshed | Failed, None, None]:
    """Refresh the conferences, several at once, and give their outcomes as they end; one that fails stops no other.

    Closed early, it gives up what waits and leaves what does not end within seconds
    (`planion_assets.refresh.concurrency`).

    The accounts take turns, each with its conferences in their order: no account is asked for more than a few pages at
    once, so conferences of one account would wait for each other.

    With an endpoint's raw table among what is `wanted` the feed is read, and what changed is recorded in
    `session_changes` whether that is wanted or not; without it the tables are derived from the stored raw table, and
    `open_client` is not called.
    """
    store.sweep(WRITER, LOCATIONS)
    clients = _Clients(open_client)

    def made(key: ConferenceKey) -> Refreshed | Failed:
        return _alone(key, wanted, store, clients, options_of=options_of)

    # Never in this thread, which a signal would interrupt wherever it is: what is under way comes to its own end.
    outcomes = map_unordered(made, _by_turns(keys), AT_ONCE, clients.give_up)
    with memory.frugal(), contextlib.closing(outcomes):
        for outcome in outcomes:
            if isinstance(outcome, Failed):
                logger.error("%s failed: %s", outcome.key, outcome.reason, extra={"outcome": outcome})
            else:
                _note_read(store, outcome)
                logger.info("%s %s in %.1f s", outcome.key, outcome.state, outcome.seconds, extra={"outcome": outcome})
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


def _alone(
    key: ConferenceKey,
    wanted: Sequence[TableSpec],
    store: Store,
    clients: _Clients,
    *,
    options_of: OptionsOf,
) -> Refreshed | Failed:
    """One refresh of a conference at a time: of two, the one that read an older state could write last."""
    tables = [declared for declared in wanted if isinstance(declared, Table)]
    try:
        with store.alone(WRITER, key, LOCATIONS, clients.given_up.is_set):
            outcome = _outcome(key, tables, store, open_client=clients.open, options_of=options_of)
            if SESSION_CHANGES in wanted and isinstance(outcome, Refreshed):
                return _with_history(outcome, store)
            return outcome
    except StoreError as error:
        return Failed(key, str(error))
    except OSError as error:
        return Failed(key, refusal(error))


def _outcome(
    key: ConferenceKey,
    tables: Sequence[Table],
    store: Store,
    *,
    open_client: OpenClient,
    options_of: OptionsOf,
) -> Refreshed | Failed:
    """The sessions first: where they fail the conference does, and what else it has is not asked for."""
    started = time.monotonic()
    done: list[StoredTable] = []
    skipped: list[Skipped] = []
    problems: list[str] = []
    changes: Changes | None = None
    updated: tuple[datetime, datetime] | None = None
    for endpoint in ENDPOINTS.values():
        wanted = [table for table in tables if table.endpoint == endpoint.name]
        if not wanted:
            continue
        try:
            options = options_of(key)
            if endpoint.name in options.endpoints:
                made, found = _made(key, endpoint, wanted, store, open_client=open_client, options=options)
                done += made
                changes = changes or found
                updated = updated or _updated_range(key, made, store, options.zones)
            else:
                reason = f"the account's `endpoints` do not name {endpoint.name}, so the feed is not asked for them"
                skipped += [Skipped(table, reason, asked=False) for table in wanted]
            continue
        except NotIncludedError as error:
            reason = f"the contract does not include {endpoint.name}: {error}"
            if endpoint != SESSIONS:
                skipped += [Skipped(table, reason, asked=True) for table in wanted]
                continue
        except (FeedError, StoreError, ConfigError) as error:
            reason = str(error)
        except OSError as error:
            reason = refusal(error)
        except Exception as error:
            logger.exception("refresh of %s", key)
            reason = f"unexpected {type(error).__name__}: {error}; the log has the traceback, report it"
        if endpoint == SESSIONS or not done:
            return Failed(key, reason)
        problems.append(reason)
    done.sort(key=lambda stored: tables.index(stored.table))
    seconds = time.monotonic() - started
    return Refreshed(key, tuple(done), tuple(skipped), tuple(problems), seconds, changes=changes, updated_range=updated)


def _made(
    key: ConferenceKey,
    endpoint: Endpoint,
    wanted: list[Table],
    store: Store,
    *,
    open_client: OpenClient,
    options: RefreshOptions,
) -> tuple[list[StoredTable], Changes | None]:
    """The wanted tables of an endpoint, from the feed where its raw table is among them, and what changed in it."""
    raw, zones = raw_table(endpoint.name), options.zones
    if raw not in wanted:
        content = derive(key, raw, store)
        with shown(key, wanted, content, store, zones=zones, footers={}, limit=options.shrink_limit) as tables:
            return list(tables), None
    told = endpoint == SESSIONS
    if told:
        history.recover(store, key)
    with read_footers(key, wanted, store) as footers:
        content = fetch(key, raw, store, open_client(key), options)
    with shown(key, wanted, content, store, zones=zones, footers=footers, limit=options.shrink_limit) as tables:
        with history.recorded(key, store, content, zones) if told else contextlib.nullcontext() as changes:
            made = [next(tables)]
        made += tables
    return made, changes


def _updated_range(
    key: ConferenceKey, made: Sequence[StoredTable], store: Store, zones: Zones
) -> tuple[datetime, datetime] | None:
    """The oldest and newest `session_updated_at`, as the footer of `sessions` tells them where that is among these."""
    for stored in made:
        if stored.table == SESSIONS_TABLE:
            return store.min_max(stored.table.location, key, [_UPDATED])[1][_UPDATED]
    sessions = [stored for stored in made if stored.table.endpoint == SESSIONS.name]
    return update_range(sessions[0].content.items, zones.feed) if sessions else None


def _with_history(outcome: Refreshed, store: Store) -> Refreshed | Failed:
    """The outcome with the conference's history, or with the reason why there is none to show."""
    try:
        return replace(outcome, history=history.newest(store, outcome.key))
    except (StoreError, OSError) as error:
        if outcome.tables:
            return replace(outcome, problems=(*outcome.problems, str(error)))
        return Failed(outcome.key, str(error))


def _note_read(store: Store, outcome: Refreshed) -> None:
    """Note that the sessions were read and verified, changed or not; after their tables are stored, not before."""
    if outcome.stored(raw_table(SESSIONS.name).name) is None:
        return  # derived from the stored snapshot, without the feed
    try:
        note_read(store.root, outcome.key, datetime.now(UTC))
    except OSError as error:
        # No reason to fail a conference whose tables are stored; `feed_is_read` alarms if it goes on.
        logger.warning("the read of %s could not be noted: %s", outcome.key, refusal(error))


def fetch(key: ConferenceKey, raw: Table, store: Store, client: FeedClient, options: RefreshOptions) -> Content:
    """Read a verified snapshot of the raw table's endpoint from the feed.

    Raises `FeedError` with every stored file untouched.
    """
    footer = _stored_footer(store, raw, key)
    stored = footer.provenance if footer else None
    note = _note(footer, raw, options.zones)
    before = stored.snapshot if stored else None
    walk = StoredWalk(before, note.bodies, footer.rows) if footer and before and note else None
    snapshot = read_snapshot(client, key, before, ENDPOINTS[raw.endpoint], walk)
    limit = options.shrink_limit
    if footer and limit:
        listed, endpoint = len(snapshot.items), ENDPOINTS[raw.endpoint]
        check_not_shrunk(key, endpoint, footer.rows, listed, limit)
    fetched_at = stored.fetched_at if stored and snapshot.unchanged else snapshot.fetched_at
    same = note is not None and note.bodies == snapshot.bodies
    repeated = note.duplicate_items if note and same else duplicates(snapshot.items, raw.identifier)
    return Content(
        snapshot.items, snapshot.digest, fetched_at, snapshot.reading, repeated, before, bodies=snapshot.bodies
    )


def _note(footer: Footer | None, raw: Table, zones: Zones) -> PageDigests | None:
    """What the stored raw table says of its pages; None where it must be made anew, whatever they hold."""
    stored = footer.provenance if footer else None
    if footer is None or stored is None:
        return None
    current = shows(footer, raw, provenance_of(raw, stored.snapshot, stored.fetched_at, zones))
    return PageDigests.of_json(footer.pages) if current else None


def derive(key: ConferenceKey, raw: Table, store: Store) -> Content:
    """The snapshot that the stored raw table holds, without the network.

    Raises `NotStoredError` where there is none, and `UnreadableFileError` where it cannot be read.
    """
    provenance = store.footer(raw.location, key).provenance
    if provenance is None:
        raise StoreError(
            f"{store.path(raw.location, key)} does not say which snapshot it holds; materialize {raw.name} again"
        )
    items = arrow.stored_items(store.read(raw.location, key, arrow.schema_of(raw)))
    repeated = duplicates(items, raw.identifier)
    return Content(items, provenance.snapshot, provenance.fetched_at, None, repeated)


def _stored_footer(store: Store, raw: Table, key: ConferenceKey) -> Footer | None:
    """The footer of the stored raw table; None where there is none that can be trusted."""
    try:
        return store.footer(raw.location, key)
    except NotStoredError:
        return None
    except UnreadableFileError as error:
        logger.warning("%s: reading the feed as if nothing were stored", error)
        return None
