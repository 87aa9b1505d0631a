"""Stores materializations and verdicts in SQLite: the rows that Dagster stores, in half of the time.

The connections that they go through are those of `planion_assets.defs.pooled_sqlite_storage`.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import sqlalchemy
from sqlalchemy.exc import IntegrityError

from planion_assets.defs.dagster_internals import event_record_text, event_tables, sqlite_event_log_storage

_MATERIALIZED, _JUDGED = dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_CHECK_EVALUATION
_EVENTS, _TAGS, _ASSETS, _VERDICTS = event_tables()
_ADD_EVENT, _ADD_TAGS, _ADD_ASSET, _ADD_VERDICT = (table.insert() for table in (_EVENTS, _TAGS, _ASSETS, _VERDICTS))
_UPDATE_ASSET = _ASSETS.update().where(_ASSETS.c.asset_key == sqlalchemy.bindparam("of_key"))


class ResultStorage(sqlite_event_log_storage()):  # type: ignore[misc]  # mypy takes no call for a base
    """Dagster's storage of events, but for what a refresh stores by the dozen: materializations, and verdicts.

    Dagster serializes such an event for each of its two or three rows, and has SQLAlchemy compile each statement with
    its values. Here an event is serialized once, and values are parameters: a tenth of the CPU of a first refresh of
    twenty conferences.
    """

    def store_event(self, event: dg.EventLogEntry) -> None:  # noqa: D102 - as in Dagster
        kind = event.dagster_event_type
        if not event.is_dagster_event or kind not in (_MATERIALIZED, _JUDGED):
            super().store_event(event)
            return
        row = self._event_to_row(event)
        with self.run_connection(event.run_id) as connection:
            connection.execute(_ADD_EVENT, row)
        with self.index_connection() as connection:
            storage_id = connection.execute(_ADD_EVENT, row).inserted_primary_key[0]
            if kind is _MATERIALIZED:
                _store_tags(connection, self._tags_for_asset_event(event), row, storage_id)
                _store_latest(connection, row, storage_id)
            is_stored = kind is _MATERIALIZED or _store_verdict(connection, event, row, storage_id)
        if not is_stored:
            self._update_asset_check_evaluation(event, storage_id)


def _store_tags(
    connection: sqlalchemy.Connection, tags: Mapping[str, str], row: Mapping[str, Any], storage_id: int
) -> None:
    """The tags by which materializations are found."""
    same = {"event_id": storage_id, "asset_key": row["asset_key"], "event_timestamp": row["timestamp"]}
    if tags:
        connection.execute(_ADD_TAGS, [{**same, "key": key, "value": value} for key, value in tags.items()])


def _store_latest(connection: sqlalchemy.Connection, row: Mapping[str, Any], storage_id: int) -> None:
    """The latest materialization of an asset, whichever partition it is of."""
    latest = {
        "last_materialization": event_record_text(row["event"], storage_id),
        "last_run_id": row["run_id"],
        "last_materialization_timestamp": row["timestamp"],
    }
    if not connection.execute(_UPDATE_ASSET, {**latest, "of_key": row["asset_key"]}).rowcount:
        connection.execute(_ADD_ASSET, {**latest, "asset_key": row["asset_key"]})


def _store_verdict(
    connection: sqlalchemy.Connection, event: dg.EventLogEntry, row: Mapping[str, Any], storage_id: int
) -> bool:
    """The row of a partition's verdict; False where a row is in its place, or may be, that is to be updated.

    That is the one of a planned check: by the index over check, run and partition, or without a partition.
    """
    evaluation: Any = event.get_dagster_event().event_specific_data
    if event.run_id and evaluation.partition is None:
        return False
    target = evaluation.target_materialization_data
    verdict = {
        "asset_key": evaluation.asset_key.to_string(),
        "check_name": evaluation.check_name,
        "partition": evaluation.partition,
        "run_id": event.run_id,
        "execution_status": "SUCCEEDED" if evaluation.passed else "FAILED",
        "evaluation_event": row["event"],
        "evaluation_event_timestamp": row["timestamp"],
        "evaluation_event_storage_id": storage_id,
        "materialization_event_storage_id": target.storage_id if target else None,
    }
    try:
        connection.execute(_ADD_VERDICT, verdict)
    except IntegrityError:
        return False
    return True
