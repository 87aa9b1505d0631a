"""Every table and column of the catalog as a Markdown page, `docs/reference/tables.md`.

Examples are values of the sandbox's made-up conferences.
"""

import functools
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from planion_assets.feed.item import walk_digest
from planion_assets.feed.page import parse_page
from planion_assets.freshness import rows
from planion_assets.freshness.survey import judged
from planion_assets.freshness.verdicts import Facts, FreshnessLimits
from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import Sandbox, json_text
from planion_assets.storage.last_read import Failure
from planion_assets.tables.arrow.builder import Builder, build_table
from planion_assets.tables.arrow.diff import Step, change_rows, differences
from planion_assets.tables.arrow.public_changes import RowChange
from planion_assets.tables.catalog import ASSETS, HISTORIES, OVERVIEWS, table
from planion_assets.tables.endpoint_tables import endpoint_tables
from planion_assets.tables.model import Column, FeedItem, History, Table, TableSpec, Zones
from planion_assets.tables.speakers import SPEAKERS

_EXAMPLE_CHARACTERS = 40
_ZONES = Zones(venue="America/New_York")
# The last has a session in which every field is filled in, among malformed ones.
_CONFERENCES = tuple(
    ConferenceKey(*names) for names in (("AAA", "AM2036"), ("TOS", "WS2027"), ("myaccount", "2018"), ("AAA", "MESS"))
)

_OTHER_ENDPOINT = "abstracts"
"""In place of all endpoints that the settings may name beside those of the catalog."""

_MOVED_ON = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)

_INTRODUCTION = """# The tables

Made by `planion tables` from the catalog in `planion_assets/tables/`; a test fails when this page is stale. Every table
has one Parquet file per conference, those of changes one per change of a conference, and those of conferences one for
all. Columns marked *personal* hold or may hold data about people. Examples are made up.
"""

_PERSONAL = """
## Personal columns

Tables that are not listed have no such column. Of a person `published_session_speakers` has what a programme prints.
`pid`, the vendor's number of a person, is not marked: by itself it names nobody. It is in the published table so that
the engagements of one person can be put together. Free text in any column may still name somebody.
"""


def dictionary() -> str:
    """The page as Markdown text, with a line break at its end."""
    tables = (*ASSETS, *OVERVIEWS, *endpoint_tables(_OTHER_ENDPOINT))
    contents = "- [Personal columns](#personal-columns)\n"
    contents += "".join(f"- [{table.name}](#{table.name})\n" for table in tables)
    return f"{_INTRODUCTION}\n{contents}{_personal(tables)}" + "".join(_section(table) for table in tables)


def _personal(tables: Iterable[TableSpec]) -> str:
    """The list of the columns that hold or may hold data about people, by table."""
    columns = {table: [f"`{column.name}`" for column in table.columns if column.personal] for table in tables}
    lines = "".join(f"| `{table.location}` | {', '.join(names)} |\n" for table, names in columns.items() if names)
    return f"{_PERSONAL}\n| Table | Personal columns |\n|---|---|\n{lines}"


def _section(table: TableSpec) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    examples = _examples(table)
    lines = "\n".join(_row(column, examples.get(column.name)) for column in table.columns)
    return (
        f"\n## {table.name}\n\n{table.description}\n\nSorted by {key}.\n\n"
        f"| Column | Type | Feed key | Description | Example |\n|---|---|---|---|---|\n{lines}\n"
    )


def _row(column: Column, example: Any) -> str:
    source = ", ".join(f"`{key}`" for key in column.source)
    description = column.description + (" *Personal.*" if column.personal else "")
    cells = [f"`{column.name}`", column.kind.arrow, source, description, _example(example)]
    return f"| {' | '.join(cells)} |"


def _example(example: Any) -> str:
    if example is None:
        return ""
    text = " ".join(str(example).split()).replace("`", "'").replace("|", "\\|")
    return f"`{text if len(text) <= _EXAMPLE_CHARACTERS else text[: _EXAMPLE_CHARACTERS - 1] + '…'}`"


def _examples(declared: TableSpec) -> dict[str, Any]:
    """The first value of each column that the sandbox's conferences have."""
    if declared in OVERVIEWS:
        return _overview_example()
    found: dict[str, Any] = {}
    for key in _CONFERENCES:
        for row in _data(declared, key).to_pylist():
            for name, value in row.items():
                if value is not None:
                    found.setdefault(name, value)
        if len(found) == len(declared.columns):
            break
    return found


def _overview_example() -> dict[str, Any]:
    """A value for each column of any table of all conferences."""
    now = datetime(2036, 6, 2, 15, 7, tzinfo=UTC)
    facts = Facts(
        _CONFERENCES[0],
        FreshnessLimits(warn=timedelta(hours=36), error=timedelta(days=14), refresh_interval=timedelta(minutes=15)),
        sessions=87,
        links=323,
        newest=now - timedelta(hours=50),
        ends=now + timedelta(days=7),
        last_read=now - timedelta(minutes=21),
        failure=Failure("page 3 of sessions: answered 503", now - timedelta(minutes=6), now - timedelta(minutes=6), 1),
        last_change=now - timedelta(hours=49),
        nameless=0,
        contested=0,
    )
    days = {"first_day": date(2036, 6, 1), "last_day": date(2036, 6, 4)}
    counts = {"published_sessions": 80, "published_links": 298, "people": 211}
    return {"name": "AM2036", "timezone": "America/New_York", **days, **counts, **rows.row(judged(facts, now), now)}


def _data(declared: TableSpec, key: ConferenceKey) -> pa.Table:
    if isinstance(declared, Table):
        return _builder(key, declared.endpoint).build(declared).data
    return _changes(next(one for one in HISTORIES if one is declared), key)


def _changes(history: History, key: ConferenceKey) -> pa.Table:
    endpoint = table(history.tracked[0].table).endpoint
    states = _items(key, endpoint), _items(key, endpoint, moved_on=True)
    step = Step(1, _MOVED_ON, *(walk_digest(item.digest for item in items) for items in states))
    changes: list[RowChange] = []
    for tracked in history.tracked:
        before, after = (
            _builder(key, endpoint, moved_on=moved_on).build(table(tracked.table)).data for moved_on in (False, True)
        )
        changes += differences(tracked, key, before, after)
    return change_rows(history, key, step, changes)


@functools.cache
def _builder(key: ConferenceKey, endpoint: str, *, moved_on: bool = False) -> Builder:
    people = build_table(SPEAKERS, key, _items(key, SPEAKERS.endpoint)).data
    return Builder(key, _items(key, endpoint, moved_on=moved_on), _ZONES, people=people)


@functools.cache
def _sandbox(*, moved_on: bool) -> Sandbox:
    sandbox = Sandbox()
    if moved_on:
        sandbox.advance(_MOVED_ON)
    return sandbox


@functools.cache
def _items(key: ConferenceKey, endpoint: str, *, moved_on: bool = False) -> tuple[FeedItem, ...]:
    contents = _sandbox(moved_on=moved_on).collection(endpoint, key.account, key.conference)
    if moved_on and endpoint == "speakers":  # the sandbox's people do not change
        people = [content for content in contents if isinstance(content, dict)]
        contents = [person | {"title": "Professor"} for person in people[1:]]
    return parse_page(json_text({"_items": contents}).encode(), 1).items
