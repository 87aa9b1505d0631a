"""What a materialization tells people: counts, times, file, cost of reading, schema, lineage, a preview.

Text of the feed is made inert before the UI renders it as Markdown; columns with personal data are never shown.
"""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

import dagster as dg
import pyarrow as pa

from planion_assets.assets.specs import column_lineage, column_schema
from planion_assets.keys import ConferenceKey
from planion_assets.outcomes import LeftOut, Refreshed, StoredTable
from planion_assets.tables.model import Table

PREVIEW_ROWS = 5
_CELL_CHARACTERS = 60
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:@/])")


def materialization(refreshed: Refreshed, stored: StoredTable, pointers: Mapping[str, int]) -> dg.AssetMaterialization:
    """The event for one table of one conference of a run over several. Its data version is the snapshot's digest.

    The versions of code and input, and `pointers` to the stored event of each upstream table, let Dagster say which
    partitions were made by other code or from other input. Without a pointer it calls every one of them unsynced.
    """
    return dg.AssetMaterialization(
        asset_key=stored.table.name,
        partition=str(refreshed.key),
        metadata=_metadata(refreshed, stored),
        tags=_version_tags(stored.table, stored.content.digest, pointers),
    )


def result(refreshed: Refreshed, stored: StoredTable) -> dg.MaterializeResult[Any]:
    """The same for a run over one conference: an output, so that assets downstream go on in the same run.

    Over several, Dagster would give every conference the data version of one (docs/design.md, Runs).
    """
    return dg.MaterializeResult(
        asset_key=stored.table.name,
        metadata=_metadata(refreshed, stored),
        data_version=dg.DataVersion(stored.content.digest),
    )


# Not the digest of any content, so that a table which comes later is a change.
_NOTHING = "nothing"


def left_out(key: ConferenceKey, absent: LeftOut, pointers: Mapping[str, int]) -> dg.AssetMaterialization:
    """The event for a table that a conference of a run over several does not have.

    Without it Dagster calls the partition of a backfill failed, although nothing went wrong.
    """
    return dg.AssetMaterialization(
        asset_key=absent.table.name,
        partition=str(key),
        metadata=_absence(absent),
        tags=_version_tags(absent.table, _NOTHING, pointers),
    )


def left_out_result(absent: LeftOut) -> dg.MaterializeResult[Any]:
    """The same for a run over one conference."""
    return dg.MaterializeResult(
        asset_key=absent.table.name, metadata=_absence(absent), data_version=dg.DataVersion(_NOTHING)
    )


def _version_tags(table: Table, version: str, pointers: Mapping[str, int]) -> dict[str, str]:
    tags = {"dagster/data_version": version, "dagster/code_version": table.fingerprint}
    for upstream in table.upstream:
        tags[f"dagster/input_data_version/{upstream}"] = version
        if upstream in pointers:
            tags[f"dagster/input_event_pointer/{upstream}"] = str(pointers[upstream])
    return tags


def _absence(absent: LeftOut) -> dict[str, Any]:
    return {"included": False, "reason": absent.reason, "written": False}


def _metadata(refreshed: Refreshed, stored: StoredTable) -> dict[str, Any]:
    content = stored.content
    metadata: dict[str, Any] = {"dagster/row_count": stored.footer.rows}
    if content.updated_range:
        oldest, newest = content.updated_range
        metadata |= {
            "newest_session_updated_at": dg.MetadataValue.timestamp(newest),
            "oldest_session_updated_at": dg.MetadataValue.timestamp(oldest),
        }
    metadata |= {
        "preview": dg.MetadataValue.md(preview(stored.table, stored.data)),
        "path": dg.MetadataValue.path(stored.footer.path),
        "size_bytes": stored.footer.size,
        "written": stored.written,
        "snapshot": content.digest,
        "fetched_at": dg.MetadataValue.timestamp(content.fetched_at),
        "seconds": round(refreshed.seconds, 3),
        "duplicate_items": content.duplicate_items,
    }
    if content.reading:
        metadata |= {
            "pages": content.reading.pages,
            "walks": content.reading.walks,
            "requests": content.reading.requests,
            "retries": content.reading.retries,
        }
    unreadable = json.loads(stored.footer.unreadable)
    metadata["unreadable_values"] = sum(column["count"] for column in unreadable.values())
    if unreadable:
        metadata["unreadable_columns"] = dg.MetadataValue.json(unreadable)
    metadata["dagster/column_schema"] = column_schema(stored.table)
    if stored.table.upstream:
        metadata["dagster/column_lineage"] = column_lineage(stored.table)
    return metadata


def preview(table: Table, data: pa.Table) -> str:
    """The first rows as a Markdown table of the table's preview columns, without any personal column."""
    names = [name for name in table.preview if not table.column(name).personal]
    head = data.select(names).slice(0, PREVIEW_ROWS).to_pylist()
    lines = [_row(names), _row(["---"] * len(names), escape=False)]
    lines += [_row([row[name] for name in names]) for row in head]
    return "\n".join(lines) if head else "no rows"


def _row(cells: list[Any], *, escape: bool = True) -> str:
    return "| " + " | ".join(inert(cell) if escape else str(cell) for cell in cells) + " |"


def inert(value: Any) -> str:
    """A value as one line of Markdown that renders as its own characters: no HTML, links, images or markup."""
    if value is None:
        return ""
    return _MARKDOWN.sub(r"\\\1", html.escape(one_line(str(value)), quote=False))


def one_line(text: str) -> str:
    """The text's printable characters in one short line, for a place where they are shown as they are."""
    words = " ".join(text.split())
    line = "".join(character for character in words if character.isprintable())
    return line if len(line) <= _CELL_CHARACTERS else line[: _CELL_CHARACTERS - 1] + "…"
