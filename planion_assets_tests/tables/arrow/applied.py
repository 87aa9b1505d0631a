"""Tables after and before changes of a history, for tests that hold them against tables that were built."""

from collections.abc import Callable, Iterable

import pyarrow as pa

from planion_assets.members import OWNER
from planion_assets.tables.arrow.diff import ENTITIES
from planion_assets.tables.arrow.replay import applied as rows_applied
from planion_assets.tables.arrow.replay import undone as rows_undone
from planion_assets.tables.arrow.row_text import Row, spelled_rows, table_of
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.model import Table, Tracked
from planion_assets.tables.session_changes import SESSION_CHANGES

Replay = Callable[[Tracked, Iterable[Row], pa.Table], list[Row]]


def applied(table: Table, data: pa.Table, changes: pa.Table) -> pa.Table:
    """The table after the changes, which may be of several steps."""
    return _replayed(rows_applied, table, data, changes)


def undone(table: Table, data: pa.Table, changes: pa.Table) -> pa.Table:
    """The table before the changes, which may be of several steps."""
    return _replayed(rows_undone, table, data, changes)


def _replayed(replay: Replay, table: Table, data: pa.Table, changes: pa.Table) -> pa.Table:
    tracked = next(tracked for tracked in SESSION_CHANGES.tracked if ENTITIES[tracked.entity] is table)
    named = changes if changes.num_rows else data
    owners = {name: str(named[name][0].as_py()) for name in OWNER} if named.num_rows else dict.fromkeys(OWNER, "")
    return table_of(replay(tracked, spelled_rows(data), changes), schema_of(table), table.key, owners)
