"""The floor of the bench does the same work: its columns are those of the project's tables, of the bench's items."""

import json

import pyarrow as pa

from benchmarks import content, verify
from benchmarks.cases import Case
from benchmarks.contenders.floor_columns import TABLES
from planion_assets.feed.page import parse_page
from planion_assets.keys import ConferenceKey
from planion_assets.tables import catalog
from planion_assets.tables.arrow.builder import Builder

# More than the sandbox makes alike.
_CASE = Case("floor", "enough that all kinds of items are among them", 1, 200)


def test_the_floor_has_what_the_project_has() -> None:
    bodies = [body for _, _, _, body in content.pages(_CASE)]
    items = [item for number, body in enumerate(bodies, start=1) for item in parse_page(body, number).items]
    sessions = [session for body in bodies for session in json.loads(body)["_items"]]
    ((account, conference),) = _CASE.keys
    builder = Builder(ConferenceKey(account, conference), items)
    for name, columns in TABLES.items():
        table = catalog.table(name)
        found = pa.table(dict(columns(sessions)))
        assert found.num_rows
        assert verify.difference(table, builder.build(table).data, found) is None
