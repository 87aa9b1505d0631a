"""Verifies conferences one after the other, and repairs them where that is asked for.

A damaged file is derived again from what is proven; what is lost is set aside, where no reader looks.
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from planion_assets.config import Config
from planion_assets.feed.endpoints import SESSIONS
from planion_assets.guide import unexpected
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.begin_anew import begin_anew
from planion_assets.refresh.change_log import LOGS
from planion_assets.refresh.options import RefreshOptions, configured_options
from planion_assets.refresh.plan import plan_refresh
from planion_assets.refresh.publish import apply_plan, locations_of
from planion_assets.refresh.stored_endpoints import stored_endpoints
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.store import Store, StoredConference, StoreError, Writer
from planion_assets.tables.catalog import HISTORIES, tables_of
from planion_assets.tables.model import Table
from planion_assets.verify.change_log_files import mark_gaps
from planion_assets.verify.conference_files import Inspection, inspect
from planion_assets.verify.findings import FindingKind, Found, Verified
from planion_assets.verify.folders import stored_keys, verify_folders

logger = logging.getLogger(__name__)


def all_keys(settings: Config, store: Store) -> list[ConferenceKey]:
    """Every configured conference in the order of the file, then those that are only stored. Raises OSError."""
    return list(dict.fromkeys((*settings.keys(), *stored_keys(store, _tables(settings, store)))))


def verify(
    settings: Config, store: Store, keys: Iterable[ConferenceKey] | None = None, *, repair: bool = False
) -> Iterator[Verified]:
    """Verify conferences, one at a time, each under its lock; without `keys` all, and the folders before them.

    With `repair` damage is mended as far as it can be without the feed; `Verified.reread` says where that must be read.
    """
    try:
        tables = _tables(settings, store)
        if repair:
            store.sweep(locations_of(tables))
        if keys is None:
            yield _folders(store, tables, repair=repair)
            keys = all_keys(settings, store)
    except OSError as error:
        yield Verified(None, failure=refusal(error))
        return
    for key in keys:
        yield _conference(key, store, configured_options(settings, key), tables, repair=repair)


def _tables(settings: Config, store: Store) -> Sequence[Table]:
    """The tables that there may be: of all endpoints that are read, or were. Raises OSError."""
    return tables_of((*settings.endpoints(), *stored_endpoints(store)))


def _folders(store: Store, tables: Sequence[Table], *, repair: bool) -> Verified:
    found = verify_folders(store, tables)
    if not repair or not found.to_set_aside:
        return _verified(None, found)
    try:
        _set_aside(found.to_set_aside, store)
    except OSError as error:
        return replace(_verified(None, found), failure=refusal(error))
    return _verified(None, found, verify_folders(store, tables))


def _conference(
    key: ConferenceKey, store: Store, configured: RefreshOptions | None, tables: Sequence[Table], *, repair: bool
) -> Verified:
    try:
        with _opened(store, key, repair=repair) as writer:
            before = inspect(key, store, configured, tables)
            found = before.found
            if writer is None or not found.findings:
                return _verified(key, found)
            _mend(before, writer)
            if before.reread and configured is not None:
                return replace(_verified(key, found), reread=True)
            return _verified(key, found, inspect(key, store, configured, tables).found)
    except (StoreError, OSError) as error:
        return Verified(key, failure=refusal(error))
    except Exception as error:
        logger.exception("verification of %s", key)
        return Verified(key, failure=unexpected(error))


def _verified(key: ConferenceKey | None, before: Found, after: Found | None = None) -> Verified:
    """What was found, or is left `after` a repair."""
    left = after or before
    damaged = {finding.name for finding in left.findings if finding.is_damage}
    mended = tuple(one for one in before.findings if one.is_damage and one.name not in damaged)
    return Verified(key, tuple(left.findings), mended, files=before.files)


@contextlib.contextmanager
def _opened(store: Store, key: ConferenceKey, *, repair: bool) -> Iterator[Writer | None]:
    """Keep refreshes of a conference away; with `repair` gives its writer, which has recovered nothing yet."""
    if repair:
        with store.writer(key, {}) as writer:
            yield writer
    else:
        with store.undisturbed(key):
            yield None


def _mend(seen: Inspection, writer: Writer) -> None:
    """Write every table of proven content that is not right, and set aside what is in its place. Nothing is deleted.

    A conference that the settings do not name keeps damaged files of its own: no feed can be read for it.
    Raises OSError.
    """
    key, store = seen.key, seen.store
    foreign = {finding.name for finding in seen.found.findings if finding.kind is FindingKind.FOREIGN}
    keeps = seen.reread and seen.configured is None
    _set_aside((name for name in seen.found.to_set_aside if name in foreign or not keeps), store)
    if SESSIONS.name in seen.contents:
        for log, raw in LOGS.items():
            writer.recover(log, raw)
    # Any loss is allowed: what is stored already is proven, however little of it the tables show.
    options = replace(seen.options, allow_shrink=True)
    # As the files say: a head that was lost, or was never written, would leave the tables without people.
    stored = StoredConference(store, key)
    # The people before the sessions, whose tables are joined with what is stored of them.
    for endpoint, content in reversed(seen.contents.items()):
        wanted = [table for table in seen.tables if table.endpoint == endpoint]
        apply_plan(plan_refresh(wanted, content, stored, options, footers=seen.right), writer)
    if not seen.reread:
        begin_anew(writer, datetime.now(UTC))
    for history in HISTORIES:
        mark_gaps(history, key, store)


def _set_aside(names: Iterable[str], store: Store) -> None:
    for name in names:
        if store.files.exists(name):
            store.files.set_aside(name)
