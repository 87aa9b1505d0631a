"""After the tables of a conference are stored: noting the read, and looking at what its histories hold."""

import logging
from dataclasses import replace
from datetime import UTC, datetime

from planion_assets.refresh.change_log import RAW_TABLES, latest_change
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed, Outcome, Refreshed, Skipped
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.store import StoreError, Writer
from planion_assets.tables.model import History

logger = logging.getLogger(__name__)

NOT_NAMED = "the account's `endpoints` do not name {endpoint}, so the feed is not asked for them"
"""Why a table or history of an endpoint is skipped."""


def noted(outcome: Refreshed, writer: Writer) -> Refreshed:
    """Note the read, after the tables are stored; gives the outcome with the failure that lasted until then."""
    try:
        before = writer.note_read(datetime.now(UTC), "; ".join(outcome.problems) or None)
    except OSError as error:
        # No reason to fail a conference whose tables are stored; `feed_is_read` alarms if it goes on.
        logger.warning("the read of %s could not be noted: %s", outcome.key, refusal(error))
        return outcome
    return replace(outcome, failure_before=before.failure)


def with_history(outcome: Refreshed, history: History, writer: Writer, options: RefreshOptions) -> Outcome:
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
