"""The metadata of a materialization: counts, times, file, cost of reading, a preview.

Schema and lineage are in the asset's definition (`planion_assets.defs.assets.specs`): they would be three quarters of
an event, and events are most of what a year of refreshes stores.

Most numbers are text, because the UI plots a number of all conferences as one line. By Dagster's standard the count of
rows and the size are numbers.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from planion_assets.defs.dagster_internals import CODE_VERSION_TAG, DATA_VERSION_TAG
from planion_assets.defs.events.policy import NO_CONTENT, versions
from planion_assets.defs.file_metadata import file_metadata
from planion_assets.defs.names import Names
from planion_assets.defs.rendering.day_grid import day_grid
from planion_assets.defs.rendering.markdown import changes_preview, preview
from planion_assets.defs.rendering.programme import programme
from planion_assets.defs.rendering.room_plan import COLUMNS
from planion_assets.defs.rendering.sparkline import sparkline
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Content, LatestChange, Refreshed, StoredTable
from planion_assets.refresh.step_notes import notes_of
from planion_assets.tables.arrow.diff import Counts
from planion_assets.tables.catalog import assets_of, raw_table, table
from planion_assets.tables.model import History, Table, TableSpec
from planion_assets.tables.published_sessions import PUBLISHED_SESSIONS
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.tables.sessions import SESSIONS

_NONE = Counts()


@dataclass(frozen=True, slots=True)
class AssetReport:
    """One asset of one conference: the version of its data and of its input, metadata.

    `input_version` is None where the upstream table was no part of the refresh.
    """

    declared: TableSpec
    version: str
    metadata: dict[str, Any]
    input_version: str | None

    def materialization(self, key: ConferenceKey, names: Names, pointers: Mapping[str, int]) -> dg.AssetMaterialization:
        """The event in a run over several conferences.

        The versions of code and input, and `pointers` to the stored event of each upstream table, let Dagster say which
        partitions were made by other code or from other input. Without a pointer it calls every one of them unsynced.
        """
        tags = {DATA_VERSION_TAG: self.version, CODE_VERSION_TAG: self.declared.fingerprint}
        for upstream in self.declared.upstream if self.input_version else ():
            asset = names.asset_key(upstream).to_user_string()
            tags[f"dagster/input_data_version/{asset}"] = str(self.input_version)
            if upstream in pointers:
                tags[f"dagster/input_event_pointer/{asset}"] = str(pointers[upstream])
        return dg.AssetMaterialization(
            asset_key=names.asset_key(self.declared.name), partition=str(key), metadata=self.metadata, tags=tags
        )

    def result(self, names: Names) -> dg.MaterializeResult[Any]:
        """The same in a run over one conference: an output, so that assets downstream go on in the same run."""
        return dg.MaterializeResult(
            asset_key=names.asset_key(self.declared.name),
            metadata=self.metadata,
            data_version=dg.DataVersion(self.version),
        )


def reports(refreshed: Refreshed, names: Collection[str]) -> Iterator[AssetReport]:
    """The reports of those assets of a conference, upstream ones first.

    A table that a conference does not have is reported too, else Dagster calls the partition of a backfill failed.
    Raises `StoreError` or OSError where a stored file cannot be read.
    """
    version = versions(refreshed)
    absent = {skipped.table.name: skipped for skipped in refreshed.skipped}
    # In the order of the catalog: a table of two endpoints comes after those of both, also after one that is absent.
    about = [*(stored.table for stored in refreshed.tables), *(skipped.table for skipped in refreshed.skipped)]
    for declared in assets_of(one.endpoint for one in about if isinstance(one, Table)):
        name = declared.name
        if name not in names:
            continue
        if stored := refreshed.stored(name):
            yield AssetReport(stored.table, version[name], _metadata(refreshed, stored), version[name])
        elif name in absent:
            absence = {"reason": absent[name].reason, "included": False, "written": False}
            yield AssetReport(absent[name].table, NO_CONTENT, absence, NO_CONTENT)
        elif isinstance(declared, History) and name in refreshed.histories:
            latest = refreshed.histories[name]
            upstream = refreshed.stored(declared.upstream[0])
            input_version = upstream.content.digest if upstream else None
            yield AssetReport(declared, latest.version, _history(refreshed, declared, latest), input_version)


def _history(refreshed: Refreshed, declared: History, history: LatestChange) -> dict[str, Any]:
    data = history.load()
    raw = raw_table(table(declared.tracked[0].table).endpoint)
    content = next((stored.content for stored in refreshed.tables if stored.table.endpoint == raw.endpoint), None)
    return {
        **(_derived(raw, content) if refreshed.stored(raw.name) is None else {}),
        **(_counts(refreshed) if declared == SESSION_CHANGES else {}),
        **_restated(refreshed, declared),
        **_per_day(data.schema.metadata),
        "rows_in_newest_file": str(data.num_rows),
        "preview": dg.MetadataValue.md(changes_preview(declared, data)),
        "files": str(history.files),
        **file_metadata(history.address, history.size),
    }


def _restated(refreshed: Refreshed, declared: History) -> dict[str, Any]:
    """By table the columns that this refresh has restated, where it has."""
    tables = {tracked.table for tracked in declared.tracked}
    columns = {name: list(names) for name, names in refreshed.restated.items() if name in tables}
    return {"restated": dg.MetadataValue.json(columns)} if columns else {}


def _per_day(notes: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    """How much changed on each of the last days, as the last file notes; nothing where it is of older code."""
    last = next(reversed(notes_of(notes)), None)
    if last is None or not last.days:
        return {}
    return {"changes_per_day": dg.MetadataValue.md(sparkline(last.days, last.detected_at.date()))}


def _counts(refreshed: Refreshed) -> dict[str, str]:
    """How many rows changed in the feed; empty where there was nothing to compare with."""
    sessions, links = (refreshed.changes.sessions, refreshed.changes.links) if refreshed.changes else (_NONE, _NONE)
    if sessions is None or links is None or not refreshed.read:
        return {}
    return {
        f"{name}_{kind}": str(getattr(counts, kind))
        for name, counts in (("sessions", sessions), ("links", links))
        for kind in ("added", "removed", "changed")
    }


def _metadata(refreshed: Refreshed, stored: StoredTable) -> dict[str, Any]:
    """The metadata of a table, ordered as people look: how old, how much, what changed, content, file."""
    content, of_sessions = stored.content, stored.table.endpoint == "sessions"
    oldest, newest = (refreshed.updated_range or (None, None)) if of_sessions else (None, None)
    unreadable = json.loads(stored.footer.unreadable)
    metadata: dict[str, Any] = {} if content.reading else _derived(raw_table(stored.table.endpoint), content)
    if newest:
        metadata["newest_session_updated_at"] = dg.MetadataValue.timestamp(newest)
    metadata["dagster/partition_row_count"] = stored.footer.rows
    metadata |= _counts(refreshed) if of_sessions else {}
    metadata["unreadable_values"] = str(sum(column["count"] for column in unreadable.values()))
    if unreadable:
        metadata["unreadable_columns"] = dg.MetadataValue.json(unreadable)
    if stored.table == SESSIONS:
        metadata["programme"] = dg.MetadataValue.md(programme(stored.load(["starts_at_local"])))
    if stored.table == PUBLISHED_SESSIONS:
        metadata["day_grid"] = dg.MetadataValue.md(day_grid(stored.load(COLUMNS)))
    metadata["preview"] = dg.MetadataValue.md(preview(stored.table, stored.load(stored.table.preview)))
    if oldest:
        metadata["oldest_session_updated_at"] = dg.MetadataValue.timestamp(oldest)
    return metadata | {
        "fetched_at": dg.MetadataValue.timestamp(content.fetched_at),
        "written": stored.written,
        "duplicate_items": str(content.duplicate_items),
        "snapshot": content.digest,
        **file_metadata(stored.footer.address, stored.footer.size),
        **_cost(refreshed, stored),
    }


def _derived(raw: Table, content: Content | None) -> dict[str, str]:
    """That the feed was not read: the content is older than the event."""
    snapshot = f"the snapshot of {content.fetched_at:%Y-%m-%d %H:%M} UTC" if content else "what is stored"
    return {"derived": f"from {snapshot}; the feed was not read: materialize {raw.name} too to read it"}


def _cost(refreshed: Refreshed, stored: StoredTable) -> dict[str, str]:
    """What reading the feed took, in the metadata of the raw table alone."""
    reading = stored.content.reading
    if stored.table.upstream or not reading:
        return {}
    return {
        "seconds": f"{refreshed.seconds:.3f}",
        **{name: str(getattr(reading, name)) for name in ("pages", "walks", "requests", "retries")},
    }
