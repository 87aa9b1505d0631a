"""What one refresh does: fetch, verify, transform, write, conference by conference.

Joins the feed, the tables and the store; used by the assets. Knows nothing of Dagster: what happened comes back
as values (`planion_assets.refresh.outcomes`).
"""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from planion_assets.config import ConfigError
from planion_assets.feed.endpoints import ENDPOINTS, SESSIONS, Endpoint
from planion_assets.feed.errors import FeedError, NotIncludedError
from planion_assets.keys import ConferenceKey
from planion_assets.refresh import change_log as history
from planion_assets.refresh.options import OpenClient, OptionsOf, RefreshOptions
from planion_assets.refresh.outcomes import Changes, Failed, Refreshed, Skipped, StoredTable
from planion_assets.refresh.publish import LOCATIONS, WRITER, read_footers, shown
from planion_assets.refresh.snapshots import derive, fetch
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.store import Store, StoreError
from planion_assets.tables.catalog import raw_table
from planion_assets.tables.model import Table, TableSpec, Zones
from planion_assets.tables.selection import update_range
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.tables.sessions import SESSIONS as SESSIONS_TABLE

logger = logging.getLogger(__name__)

_UPDATED = "session_updated_at"


def refresh_conference(
    key: ConferenceKey,
    wanted: Sequence[TableSpec],
    store: Store,
    open_client: OpenClient,
    options_of: OptionsOf,
    *,
    given_up: Callable[[], bool],
) -> Refreshed | Failed:
    """One refresh of a conference at a time: of two, the one that read an older state could write last."""
    tables = [declared for declared in wanted if isinstance(declared, Table)]
    try:
        with store.alone(WRITER, key, LOCATIONS, given_up):
            outcome = _outcome(key, tables, store, open_client=open_client, options_of=options_of)
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
