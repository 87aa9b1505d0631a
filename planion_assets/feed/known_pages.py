"""Pages that came as they are stored, byte for byte: known without being read, and read if need be.

What a walk is follows from the bodies of its pages alone, so the same bodies in the same order are the same walk. Which
pages a walk asks for, and what makes one whole, is in `planion_assets.feed.walk`.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

from planion_assets.feed.spooled_items import SpooledItem
from planion_assets.spool import Spool

# The pages of a conference of a thousand sessions are not written to a disk at all.
_IN_MEMORY = 8 << 20


@dataclass(frozen=True, slots=True)
class KnownPages:
    """A whole walk of which the content is stored: the SHA-256 of each page's body, in order.

    `digest` is the SHA-256 (hex) of its content, `items` how many items it had.
    """

    digest: str
    bodies: tuple[bytes, ...] = field(repr=False)
    items: int


@dataclass(frozen=True, slots=True)
class Unread:
    """The body of a page that is known by its bytes."""

    number: int
    body: bytes = field(repr=False)


class Recognised:
    """The first pages of a walk, as long as each is the stored one's, byte for byte; put aside as they came."""

    def __init__(self, stored: KnownPages | None) -> None:
        self._expected = stored.bodies if stored else ()
        self._aside = Spool(_IN_MEMORY)
        self._places: list[tuple[int, int]] = []
        self._same = bool(self._expected)
        self.goes_on = bool(self._expected)
        """Whether all pages came so; the page after them may."""

    def __len__(self) -> int:
        return len(self._places)

    @property
    def expected(self) -> int:
        """How many pages the stored walk has."""
        return len(self._expected)

    @property
    def complete(self) -> bool:
        """Whether this is the stored walk, whose last page ends it whatever a reader of it would say."""
        return self.goes_on and len(self) == self.expected

    @property
    def size(self) -> int:
        """Bytes of the pages so far."""
        return sum(size for _, size in self._places)

    def knows(self, number: int, body: bytes) -> bool:
        """Whether page `number` has the bytes of the stored one; False once another had not. From any thread.

        So that pages are read as they come, beside the waiting, as soon as it shows that they must be.
        """
        expected = self._expected[number - 1] if self._same and number <= self.expected else None
        same = expected is not None and hashlib.sha256(body).digest() == expected
        if not same:
            self._same = False  # and never anything else again: threads look at pages at the same time
        return same

    def add(self, page: Unread) -> None:
        """Put the next page aside. Raises OSError where the disk has no room for it."""
        self._places.append((self._aside.append(page.body), len(page.body)))

    def read(self) -> Iterator[tuple[int, bytes]]:
        """The pages so far by number, from the first. Raises OSError."""
        for number, (start, size) in enumerate(self._places, start=1):
            yield number, self._aside.read(start, size)


class LaterItems(Sequence[SpooledItem]):
    """The items of a recognised walk: how many there are is known, and its pages are read when one is asked for.

    Asking for one raises OSError or `FeedError` where they cannot be read.
    """

    def __init__(self, count: int, read: Callable[[], Sequence[SpooledItem]]) -> None:
        self._count = count
        self._read: Callable[[], Sequence[SpooledItem]] | None = read
        self._items: Sequence[SpooledItem] = ()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> SpooledItem: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[SpooledItem]: ...

    def __getitem__(self, place: int | slice) -> SpooledItem | Sequence[SpooledItem]:
        return self._all()[place]

    def __iter__(self) -> Iterator[SpooledItem]:
        return iter(self._all())

    def _all(self) -> Sequence[SpooledItem]:
        if self._read:
            self._items = self._read()
            self._read = None
        return self._items
