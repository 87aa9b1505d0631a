"""A row of a stored raw table as the feed's item that its payload is."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from planion_assets.members import member
from planion_assets.tables.arrow.stored_items import RawItem


@dataclass(frozen=True, slots=True)
class PayloadItem:
    """A row of a raw table as the feed's item that its payload is: a `FeedItem`, of which no other column is trusted.

    `members` holds what tells items apart; `plain` is the item's own (`planion_assets.feed.page.Item`).
    """

    digest: str
    members: Mapping[str, Any] = field(repr=False)
    plain: bool
    _row: RawItem = field(repr=False)

    @property
    def payload(self) -> str:
        """JSON text as it came."""
        return self._row.payload

    @property
    def size(self) -> int:
        """Bytes of the payload."""
        return self._row.size

    @property
    def content(self) -> Any:
        """The parsed JSON value."""
        if self.plain:
            with contextlib.suppress(orjson.JSONDecodeError):  # of a value that the same key later in it replaces
                return orjson.loads(self.payload)
        return json.loads(self.payload)

    def member(self, name: str) -> Any:
        """A member of the content; None where there is none, or the content is no object."""
        return self.members[name] if name in self.members else member(self.content, name)
