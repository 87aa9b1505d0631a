"""The pages of the stored snapshot: where the feed serves the same bytes again, they are fetched and not parsed.

The bodies of its pages determine a walk, so the same bodies in the same order are the same walk.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from planion_assets.feed.limits import Limits
from planion_assets.feed.prefetch import Prefetch
from planion_assets.feed.spooled_items import SpooledItem
from planion_assets.spool import Spool

# The pages of a conference of a thousand sessions are not written to a disk at all.
_IN_MEMORY = 8 << 20


@dataclass(frozen=True, slots=True)
class KnownPages:
    """The pages that the stored snapshot was read from: the SHA-256 of each page's body, in order.

    `digest` is the SHA-256 (hex) of the snapshot's content, `items` how many items it has.
    """

    digest: str
    bodies: tuple[bytes, ...] = field(repr=False)
    items: int

    def are_served(self, bodies: "SpooledBodies", limits: Limits) -> bool:
        """Whether the feed still serves these pages, byte for byte; stops at the first that differs."""
        if not 0 < len(self.bodies) <= limits.max_pages:
            return False
        size = 0
        with Prefetch(bodies.fetch, limits.max_at_once) as prefetch:
            for number, digest in enumerate(self.bodies, start=1):
                # The first page tells how many there are: where it differs others may be gone.
                following = range(number + 1, len(self.bodies) + 1) if number > 1 else ()
                body = prefetch.get(number, following)
                size += len(body)
                if hashlib.sha256(body).digest() != digest or size > limits.max_walk_bytes:
                    return False
        return True


class SpooledBodies:
    """The bodies of pages by number, each fetched once and spooled. From any thread; every method may raise OSError."""

    def __init__(self, fetch: Callable[[int], bytes]) -> None:
        self._fetch = fetch
        self._spool = Spool(_IN_MEMORY)
        self._places: dict[int, tuple[int, int]] = {}

    def fetch(self, number: int) -> bytes:
        """Fetch a page and spool it. Raises what fetching raises."""
        body = self._fetch(number)
        self._places[number] = (self._spool.append(body), len(body))
        return body

    def get(self, number: int) -> bytes:
        """A page that is spooled, or that is fetched now. Raises what fetching raises."""
        return self._spool.read(*self._places[number]) if number in self._places else self._fetch(number)


class LazyItems(Sequence[SpooledItem]):
    """A sequence of known length, whose items are read when one is asked for. Raises what `read` raises."""

    def __init__(self, count: int, read: Callable[[], Sequence[SpooledItem]]) -> None:
        self._count = count
        self._read = cache(read)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        return self._read()[place]
