"""The items of a stored raw table, from which tables are made without the feed.

What a raw table holds is declared in `raw_sessions.py` and `raw_speakers.py`. Pure.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from planion_assets.members import member

_IDENTIFIERS = frozenset({"schedid", "pid"})


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
        """A member of the content, whatever the letter case of its key; the identifier mostly costs no parsing."""
        return self._identifier(name) or member(self.content, name)

    def _identifier(self, name: str) -> str | None:
        """The identifier as it is stored; None where it may be another than the feed's.

        One that is missing or has U+FFFD may be by other code, which could not read it; one with a backslash before a
        "u" is escaped, and would be escaped once more (`values.identifier`).
        """
        if name not in _IDENTIFIERS or name not in self._rows.column_names:
            return None
        stored: str | None = self._rows[name][self._row].as_py()
        return None if stored is None or "\ufffd" in stored or "\\u" in stored else stored


def stored_items(raw: pa.Table) -> list[RawItem]:
    """The items of a stored raw table."""
    rows = raw.combine_chunks()
    return [RawItem(str(digest), row, rows) for row, digest in enumerate(raw["digest"].to_pylist())]
