"""What a raw table's file says of the pages that it was read from (`planion.pages`), so that they are known again.

Belongs here: how that is written and read. What it is good for is in `planion_assets.feed.known_pages`.
"""

import json
from dataclasses import dataclass, field

_DIGEST_BYTES = 32

VERSION = 1
"""Of the note, and of what is made of a body: to be raised when the same bodies would become other items or digests, or
fail a check that they passed. Files with another version are read from the feed as if they had no note."""


@dataclass(frozen=True, slots=True)
class PageDigests:
    """The SHA-256 of each page's body, in order, and how many of their items repeat another one's content."""

    bodies: tuple[bytes, ...] = field(repr=False)
    duplicate_items: int

    def to_json(self) -> str:
        """JSON text, the digests in hex."""
        bodies = [body.hex() for body in self.bodies]
        return json.dumps({"version": VERSION, "bodies": bodies, "duplicate_items": self.duplicate_items})

    @staticmethod
    def of_json(text: str) -> "PageDigests | None":
        """The note of a file; None for a file without one, or with one that cannot be read."""
        try:
            note = json.loads(text)
            version, bodies, duplicates = note["version"], note["bodies"], note["duplicate_items"]
            digests = tuple(bytes.fromhex(body) for body in bodies)
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        whole = digests and all(len(digest) == _DIGEST_BYTES for digest in digests)
        counted = type(duplicates) is int and duplicates >= 0
        return PageDigests(digests, duplicates) if version == VERSION and whole and counted else None
