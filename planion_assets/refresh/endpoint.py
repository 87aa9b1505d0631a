"""The refresh of a conference's tables, endpoint by endpoint of the feed, the sessions first."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from planion_assets.feed.endpoints import ENDPOINTS, SESSIONS
from planion_assets.feed.errors import NotIncludedError
from planion_assets.guide import GuidedError, unexpected
from planion_assets.refresh.options import OpenClient, RefreshOptions
from planion_assets.refresh.outcomes import Failed, Outcome, Refreshed, Skipped, StoredTable
from planion_assets.refresh.plan import RefreshPlan, after_people, plan_refresh, read_footers
from planion_assets.refresh.publish import apply_plan
from planion_assets.refresh.record import ChangeRecord
from planion_assets.refresh.snapshots import derive, fetch
from planion_assets.refresh.stored_people import NOBODY, stored_people
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.store import Footer, SupersededError, Writer
from planion_assets.tables import sessions
from planion_assets.tables.catalog import raw_table
from planion_assets.tables.model import Table, Zones
from planion_assets.tables.raw_speakers import RAW_SPEAKERS
from planion_assets.tables.selection import update_range

logger = logging.getLogger(__name__)

NOT_NAMED = "the account's `endpoints` do not name {endpoint}, so the feed is not asked for them"
"""Why a table or history of an endpoint is skipped."""
_UPDATED = "session_updated_at"


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of one endpoint. `problem` is the reason for a person where it failed.

    `lost` tells a person that tables show people of another source than their raw table.
    """

    tables: Sequence[StoredTable] = ()
    skipped: Sequence[Skipped] = ()
    problem: str | None = None
    record: ChangeRecord = field(default_factory=ChangeRecord)
    updated_range: tuple[datetime, datetime] | None = None
    lost: str = ""


def refresh_endpoints(
    tables: Sequence[Table], writer: Writer, open_client: OpenClient, options: RefreshOptions
) -> Outcome:
    """Refresh these tables. Where the sessions fail the conference does, and what else it has is not asked for.

    Raises `SupersededError` where another writer was faster.
    """
    started = time.monotonic()
    results: list[_Result] = []
    later = after_people(tables, writer, options.endpoints)
    for endpoint in dict.fromkeys((*ENDPOINTS, *(table.endpoint for table in tables))):
        wanted = [table for table in tables if table.endpoint == endpoint and table not in later]
        if not wanted:
            continue
        result = _refresh_endpoint(wanted, writer, open_client, options, later)
        if result.problem and (endpoint == SESSIONS.name or not any(before.tables for before in results)):
            return Failed(writer.key, result.problem)
        results.append(result)
    results.append(_join_again(results, later, writer, options))
    stored = {one.table.name: one for result in results for one in result.tables}
    problems = [result.problem for result in results if result.problem]
    if RAW_SPEAKERS.name not in stored:
        problems += [result.lost for result in results if result.lost][-1:]
    return Refreshed(
        writer.key,
        tuple(stored[table.name] for table in tables if table.name in stored),
        tuple(skipped for result in results for skipped in result.skipped),
        tuple(problems),
        time.monotonic() - started,
        changes=next((result.record.changes for result in results if result.record.changes), None),
        restated={name: names for result in results for name, names in result.record.restated.items()},
        updated_range=next((result.updated_range for result in results if result.updated_range), None),
    )


def _join_again(results: Sequence[_Result], later: Sequence[Table], writer: Writer, options: RefreshOptions) -> _Result:
    """Build the tables that show people again where these have changed since, and the `later` ones for the first time.

    Until then they show the former people, and go on to where the people could not be read. A refresh that is stopped
    before this is completed by the next one: each file says which people it shows.
    """
    of_sessions = [one for result in results for one in result.tables if one.table.endpoint == SESSIONS.name]
    tables = [*(one.table for one in of_sessions if one.table.shows_people), *later]
    if not tables:
        return _Result()
    joined = {one.footer.provenance.people for one in of_sessions if one.table in tables and one.footer.provenance}
    try:
        read = {one.content.digest for result in results for one in result.tables if one.table == RAW_SPEAKERS}
        people = NOBODY if read else next(stored_people(writer, options.endpoints))
        if not later and joined == (read or {people.digest}):
            return _Result(lost=people.problem)
        return _apply(plan_refresh(tables, of_sessions[0].content, writer, options, footers={}), writer)
    except SupersededError:
        raise
    except (GuidedError, OSError) as error:
        return _Result(problem=refusal(error))


def _refresh_endpoint(
    wanted: Sequence[Table], writer: Writer, open_client: OpenClient, options: RefreshOptions, later: Sequence[Table]
) -> _Result:
    """The wanted tables of an endpoint; an error of the feed, the disk or the settings becomes a reason."""
    endpoint = wanted[0].endpoint
    if endpoint not in options.endpoints:
        reason = NOT_NAMED.format(endpoint=endpoint)
        return _Result(skipped=[Skipped(table, reason) for table in wanted])
    try:
        return _store_snapshot(wanted, writer, open_client, options, later)
    except SupersededError:
        raise
    except NotIncludedError as error:
        reason = f"the contract does not include {endpoint}: {error}"
        if endpoint != SESSIONS.name:
            return _Result(skipped=[Skipped(table, reason) for table in wanted])
    except (GuidedError, OSError) as error:
        reason = refusal(error)
    except Exception as error:
        logger.exception("refresh of %s", writer.key)
        reason = unexpected(error)
    return _Result(problem=reason)


def _store_snapshot(
    wanted: Sequence[Table], writer: Writer, open_client: OpenClient, options: RefreshOptions, later: Sequence[Table]
) -> _Result:
    """Bring the wanted tables of an endpoint to the feed's snapshot, or without the raw table to the stored one."""
    raw = raw_table(wanted[0].endpoint)
    footers: Mapping[str, Footer] = {}
    if raw in wanted:
        content = fetch(raw, writer, open_client(writer.key), options)
        # After the feed was read, which can take minutes: a file may be removed in that time.
        footers = read_footers(wanted, writer)
    else:
        content = derive(raw, writer)
    result = _apply(plan_refresh(wanted, content, writer, options, footers=footers, later=later), writer)
    return replace(result, updated_range=_updated_range(result.tables, writer, options.zones))


def _apply(plan: RefreshPlan, writer: Writer) -> _Result:
    tables, record = apply_plan(plan, writer)
    return _Result(tables, record=record, lost=plan.people.problem)


def _updated_range(stored: Sequence[StoredTable], writer: Writer, zones: Zones) -> tuple[datetime, datetime] | None:
    """The oldest and newest `session_updated_at`, as the footer of `sessions` has them where that is among these."""
    if any(one.table == sessions.SESSIONS for one in stored):
        return writer.statistics(sessions.SESSIONS.location).min_max([_UPDATED])[_UPDATED]
    of_sessions = [one for one in stored if one.table.endpoint == SESSIONS.name]
    return update_range(of_sessions[0].content.items, zones.feed) if of_sessions else None
