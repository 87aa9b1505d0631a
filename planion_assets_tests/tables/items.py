"""Items of the feed for tests of tables."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.members import member
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.model import FeedItem, JsonObject, Table
from planion_assets.tables.selection import choose
from planion_assets_tests.feed.server import content_digest

KEY = ConferenceKey("AAA", "AM2026")


@dataclass(frozen=True)
class Item:
    """An item of the feed with that content."""

    content: Any

    @property
    def payload(self) -> str:
        """The content as JSON text."""
        return json.dumps(self.content)

    @property
    def digest(self) -> str:
        """The digest of the content."""
        return content_digest(self.content)

    @property
    def size(self) -> int:
        """Bytes of the payload."""
        return len(self.payload.encode())

    def member(self, name: str) -> Any:
        """A member of the content."""
        return member(self.content, name)


def sessions_of(items: Iterable[FeedItem]) -> list[JsonObject]:
    """The contents that count as sessions, as they came, in the order of their identifiers."""
    return [item.content for item in choose(items, "schedid").best]


def build(table: Table, *contents: Any) -> pa.Table:
    """The table of a conference that holds items with these contents."""
    return build_table(table, KEY, [Item(content) for content in contents]).data


def rows(table: Table, *contents: Any) -> list[tuple[Any, ...]]:
    """Its rows without account and conference."""
    return [tuple(row.values())[2:] for row in build(table, *contents).to_pylist()]
