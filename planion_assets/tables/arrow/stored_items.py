"""The items of a stored raw table, from which tables are made without the feed.

What a raw table holds is declared in `raw_sessions.py` and `raw_speakers.py`. Pure.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from planion_assets.members import member


@dataclass(frozen=True, slots=True)
class RawItem:
    """A row of a raw table as the item that it was made from: a `FeedItem`, read when it is asked for."""

    digest: str
    _row: int
    _rows: pa.Table = field(repr=False)

    @property
    def payload(self) -> str:
        """JSON text as it came."""
        return str(self._rows["payload"][self._row])

    @property
    def size(self) -> int:
        """Bytes of the payload."""
        return int(self._rows["payload"][self._row].as_buffer().size)

    @property
    def content(self) -> Any:
        """The parsed JSON value."""
        return json.loads(self.payload)

    def member(self, name: str) -> Any:
        """A member of the content, whatever the letter case of its key; None for none."""
        return member(self.content, name)


def stored_items(raw: pa.Table) -> list[RawItem]:
    """The items of a stored raw table."""
    rows = raw.combine_chunks()
    return [RawItem(str(digest), row, rows) for row, digest in enumerate(raw["digest"].to_pylist())]
