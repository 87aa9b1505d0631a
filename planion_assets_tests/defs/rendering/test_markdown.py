"""The preview of changes: values before and after, but of no person."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from planion_assets.defs.rendering.markdown import changes_preview
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import HISTORIES
from planion_assets.tables.history import ADDED, CHANGED, LINK, SESSION
from planion_assets.tables.model import History
from planion_assets.tables.session_changes import SESSION_CHANGES


def _change(entity: str, kind: str, column: str | None, old: str | None, new: str | None) -> dict[str, Any]:
    key = {"account": "AAA", "conference": "C1", "sequence": 1, "detected_at": datetime(2026, 1, 1, tzinfo=UTC)}
    what = {"entity": entity, "kind": kind, "schedid": "7", "column_name": column, "old": old, "new": new}
    return {**key, **what}


def _preview(*changes: dict[str, Any]) -> list[str]:
    return changes_preview(
        SESSION_CHANGES, pa.Table.from_pylist(list(changes), schema=schema_of(SESSION_CHANGES))
    ).splitlines()


def test_values_are_shown_of_columns_that_hold_nothing_personal() -> None:
    names, _, *rows = _preview(
        _change(SESSION, CHANGED, "roomname", "Hall 1", "Hall | 2"),
        _change(LINK, CHANGED, "role", None, "Chair"),
        _change(LINK, CHANGED, "fname", "Ada", "Grace"),
        _change(SESSION, CHANGED, "extra", '{"a": "Ada"}', None),
        _change(LINK, ADDED, None, None, '{"fname": "Ada"}'),
    )
    assert names.endswith(r"| column\_name | old | new |")
    assert rows[0].endswith(r"| roomname | Hall 1 | Hall \| 2 |")
    assert rows[1].endswith("| role |  | Chair |")
    assert [row.split("|")[-3:-1] for row in rows[2:]] == [["  ", "  "]] * 3
    assert "Ada" not in "".join(rows)


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: str(history.name))
def test_the_cause_is_shown_beside_each_change_where_the_file_tells_it(history: History) -> None:
    rows = pa.Table.from_pylist([{"entity": SESSION, "cause": "restated"}], schema=schema_of(history))
    assert changes_preview(history, rows).startswith("| sequence | cause | entity |")
    assert "| restated |" in changes_preview(history, rows)
    assert changes_preview(history, rows.drop_columns(["cause"])).startswith("| sequence | entity |")


def test_a_first_snapshot_has_no_changes() -> None:
    assert _preview() == ["no rows"]
