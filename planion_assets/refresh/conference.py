"""The refresh of one conference under its lock: its tables, its change logs, and the note that it was read."""

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from planion_assets.guide import GuidedError
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.change_log import LOGS, RAW_TABLES, latest_change
from planion_assets.refresh.compaction import compact_change_logs
from planion_assets.refresh.endpoint import NOT_NAMED, refresh_endpoints
from planion_assets.refresh.options import OpenClient, OptionsOf, RefreshOptions
from planion_assets.refresh.outcomes import Failed, Outcome, Refreshed, Skipped
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.locks import GivenUp
from planion_assets.storage.store import Store, StoreError, SupersededError, Writer
from planion_assets.tables.catalog import HISTORIES
from planion_assets.tables.model import History, Table, TableSpec
from planion_assets.tables.raw_sessions import RAW_SESSIONS

logger = logging.getLogger(__name__)

_Outcome = TypeVar("_Outcome", Refreshed, Failed)
_ATTEMPTS = 3
"""How often a refresh begins, where another writer of the conference is faster each time."""


def refresh_conference(
    key: ConferenceKey,
    wanted: Sequence[TableSpec],
    store: Store,
    open_client: OpenClient,
    options_of: OptionsOf,
    *,
    given_up: GivenUp,
) -> Outcome:
    """Refresh a conference under its lock, so that of two refreshes none stores an older snapshot over a newer one."""

    def refreshed() -> Outcome:
        with store.writer(key, LOGS, given_up) as writer:
            return _refresh_once(wanted, writer, open_client, options)

    try:
        options = options_of(key)
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(SupersededError):
                return refreshed()
        return refreshed()
    except (GuidedError, OSError) as error:
        return Failed(key, refusal(error))


def _refresh_once(
    wanted: Sequence[TableSpec], writer: Writer, open_client: OpenClient, options: RefreshOptions
) -> Outcome:
    """Raises `SupersededError` where another writer was faster."""
    tables = [declared for declared in wanted if isinstance(declared, Table)]
    outcome = refresh_endpoints(tables, writer, open_client, options)
    if isinstance(outcome, Refreshed) and (outcome.changed or outcome.restated):
        compact_change_logs(writer, options.keep_change_files)
    for history in HISTORIES:
        if history in wanted and isinstance(outcome, Refreshed):
            outcome = _with_history(outcome, history, writer, options)
    if RAW_SESSIONS in wanted and isinstance(outcome, Refreshed):
        problem = "; ".join(outcome.problems) or None
        outcome = noted(outcome, lambda: writer.note_read(datetime.now(UTC), problem))
    return outcome


def noted(outcome: _Outcome, note: Callable[[], LastRead]) -> _Outcome:
    """Note what came of a conference; gives the outcome with the failure that lasted until then."""
    try:
        before = note()
    except OSError as error:
        # No reason to fail a conference whose tables are stored; `feed_is_read` alarms if it goes on.
        what = "read" if isinstance(outcome, Refreshed) else "failure"
        logger.warning("the %s of %s could not be noted: %s", what, outcome.key, refusal(error))
        return outcome
    return replace(outcome, failure_before=before.failure)


def _with_history(outcome: Refreshed, history: History, writer: Writer, options: RefreshOptions) -> Outcome:
    """The outcome with a history of the conference, or with the reason why there is none to show."""
    absent = {one.table.name: one.reason for one in outcome.skipped}
    reason = next((absent[one.table] for one in history.tracked if one.table in absent), None)
    endpoint = RAW_TABLES[history.name].endpoint
    if reason or endpoint not in options.endpoints:
        reason = reason or NOT_NAMED.format(endpoint=endpoint)
        return replace(outcome, skipped=(*outcome.skipped, Skipped(history, reason)))
    try:
        return replace(outcome, histories={**outcome.histories, history.name: latest_change(writer, history)})
    except (StoreError, OSError) as error:
        if outcome.tables:
            return replace(outcome, problems=(*outcome.problems, str(error)))
        return Failed(outcome.key, str(error))
