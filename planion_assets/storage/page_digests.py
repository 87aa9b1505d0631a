"""The digests of the pages that a raw table was read from, in its file's metadata (`planion.pages`)."""

import json
from dataclasses import dataclass, field

_DIGEST_BYTES = 32

VERSION = 1
"""Of this metadata, and of what a body becomes: to be raised when the same bodies would become other items or digests,
or fail a check that they passed (`planion_assets_tests/feed/golden.py` says when). Files with another version are read
from the feed as if they had no page digests."""


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
        """The page digests of a file; None where it has none, or none that can be read under this version."""
        try:
            found = json.loads(text)
            version, bodies, duplicates = found["version"], found["bodies"], found["duplicate_items"]
            digests = tuple(bytes.fromhex(body) for body in bodies)
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        whole = digests and all(len(digest) == _DIGEST_BYTES for digest in digests)
        counted = type(duplicates) is int and duplicates >= 0
        return PageDigests(digests, duplicates) if version == VERSION and whole and counted else None
