"""The pages of a walk that have been read: each is checked as it comes to fit to those before.

Knows when a series of pages ends and when it cannot be whole. Which pages are asked for, and when, is in
`planion_assets.feed.walk`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from planion_assets.extended_json import value_of
from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import Endpoint
from planion_assets.feed.errors import Fault, failure
from planion_assets.feed.known_pages import Recognised, Unread
from planion_assets.feed.page import Item, Page, missing_page, page_count
from planion_assets.feed.spooled_items import SpooledItem, SpooledItems
from planion_assets.keys import ConferenceKey
from planion_assets.members import OWNER, is_blank, member

_ETAG = "_etag"
_WHOLE_FLOATS = 2**53  # from here on 64-bit floats do not tell whole numbers apart

Answer = Page[Item] | Page[SpooledItem] | Unread
"""A page as it is taken: parsed, as an earlier walk held it, or not read yet."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The items of one whole walk, in the order they came, and the number of pages that held them.

    `digest` is the SHA-256 (hex) of the multiset of the items' digests: equal content in any order is equal. `bodies`
    holds the SHA-256 of each page's body, in order. `counted` says whether the feed stated how many items there are;
    `page_size` is how many it said that a page may hold, and how many its largest one held where it did not.
    """

    items: Sequence[SpooledItem] = field(repr=False)
    pages: int
    digest: str
    bodies: tuple[bytes, ...] = field(repr=False)
    counted: bool = True
    page_size: int = 0

    @property
    def repeats(self) -> bool:
        """Whether an item came more than once: the feed has it so, or it moved to a later page while it was read."""
        return len({item.digest for item in self.items}) < len(self.items)


def walk_digest(digests: Iterable[str]) -> str:
    """SHA-256 (hex) of a multiset of item digests."""
    return hashlib.sha256("\n".join(sorted(digests)).encode("ascii")).hexdigest()


class PageSeries:
    """The pages of a walk that have been read, each checked to fit to those before it, in whatever order they come."""

    def __init__(
        self,
        client: FeedClient,
        key: ConferenceKey,
        endpoint: Endpoint,
        memory: dict[int, Page[SpooledItem]],
        spooled: SpooledItems,
    ) -> None:
        self.pages: list[Page[SpooledItem]] = []
        self._early: dict[int, Page[SpooledItem]] = {}
        self._client, self._key, self._endpoint, self._memory, self._spooled = client, key, endpoint, memory, spooled
        self._what = f"{endpoint.name} of {key}"
        self._seen: dict[str, int] = {}
        self._received = self._size = 0

    def __len__(self) -> int:
        """How many pages have come, those before which others are missing included."""
        return len(self.pages) + len(self._early)

    @property
    def goes_on(self) -> bool:
        """Whether another page is to be asked for.

        A page past the end has no items (feed-facts.md, Pages). Where the feed states a total, an empty page ends the
        walk whatever the total is, for `whole` compares the two. Where it states none, neither a short page nor the
        absence of a link proves the end, only an empty page does; and as a page can be empty by mistake, two in a row.
        """
        if not self.pages:
            return True
        if self.total is None:
            return any(page.items for page in self.pages[-2:])
        last = self.pages[-1]
        return bool(last.items) and (bool(last.has_next) or self._received < self.total)

    @property
    def total(self) -> int | None:
        """How many items the feed counts; None where no page states that."""
        return next((page.total for page in reversed(self.pages) if page.total is not None), None)

    @property
    def last(self) -> int:
        """The number of the last page as the first one tells it, 1 where it does not."""
        told = page_count(self.pages[0].total, self.pages[0].max_results) if self.pages else 1
        return min(told, self._client.limits.max_pages)

    def add(self, answer: Answer) -> None:
        """Take a page. Raises a `FeedError`, or OSError where the disk has no room."""
        if isinstance(answer, Unread):
            answer = self._client.parse(answer.body, answer.number) if answer.body else missing_page(answer.number)
        known = self._memory.get(answer.number)
        page = known if known is answer else None
        if page is None:
            unowned = _check_owner(answer, self._key, self._client, self._endpoint)
            page = self._spooled.keep(answer, (self._endpoint.identifier, _ETAG), unowned)
        self._size += page.size
        self.check_size(len(self) + 1, self._size)
        self._early[page.number] = page
        while following := self._early.pop(len(self.pages) + 1, None):
            self._append(following)

    def add_all(self, recognised: Recognised) -> "PageSeries":
        """Take pages that were put aside unread, up to the one that ends the walk. Raises as `add` does."""
        for number, body in recognised.read():
            if self.goes_on:
                self.add(Unread(number, body))
        return self

    def check_number(self, number: int) -> None:
        """Raise for a page beyond all that may be asked for."""
        if number > self._client.limits.max_pages:
            raise failure(Fault.ENDLESS, f"{self._what}: page {number - 1} is followed by another")

    def check_size(self, pages: int, size: int) -> None:
        """Raise for pages of so many bytes: all that is read is held until it is verified, so it must have a bound."""
        limit = self._client.limits.max_walk_bytes
        if size > limit:
            raise failure(Fault.TOO_MUCH, f"{self._what}: {pages} pages hold {size} bytes, more than {limit >> 20} MiB")

    def whole(self) -> Walk:
        """The walk that these pages are. Raises `UnevenWalkError` where the feed counts other than they do."""
        if self.total is not None and self._received != self.total:
            raise failure(
                Fault.UNEVEN,
                f"{self._what}: {self._received} items came on {len(self.pages)} pages, and the feed counts "
                f"{self.total}: it changes while it is read, or is broken",
            )
        items = tuple(item for page in self.pages for item in page.items)
        return Walk(
            items,
            pages=len(self.pages),
            digest=walk_digest(item.digest for item in items),
            bodies=tuple(page.body_digest for page in self.pages),
            counted=self.total is not None,
            page_size=next((page.max_results for page in self.pages if page.max_results is not None), None)
            or max(len(page.items) for page in self.pages),
        )

    def _append(self, page: Page[SpooledItem]) -> None:
        """Put a page behind the one before it. Raises a `FeedError` where it does not fit there."""
        _check_repeat(page, self._seen, self._what)
        if self.pages:
            _check_sizes(self.pages, page, self._what)
            _check_full(self.pages[-1], page, self._what)
        if page.is_missing and self.total is not None:
            raise failure(
                Fault.UNEVEN,
                f"{self._what}: page {page.number} is answered 404 where {self._received} items have come and the feed "
                f"counts {self.total}",
            )
        self.pages.append(page)
        self._received += len(page.items)


def _check_sizes(pages: Sequence[Page[SpooledItem]], page: Page[SpooledItem], what: str) -> None:
    """All pages that state how many items a page may hold must state the same: else they overlap, or leave some out."""
    other = next((one for one in reversed(pages) if one.max_results is not None), None)
    if other and page.max_results is not None and page.max_results != other.max_results:
        raise failure(
            Fault.UNEVEN,
            f"{what}: page {other.number} is of {other.max_results} items at most and page {page.number} of "
            f"{page.max_results}, so that they overlap or leave some out",
        )


def _check_full(previous: Page[SpooledItem], page: Page[SpooledItem], what: str) -> None:
    """Every page before the last must be full, and all that state a total must state the same."""
    if None not in (page.total, previous.total) and page.total != previous.total:
        raise failure(
            Fault.UNEVEN,
            f"{what}: the feed counts {previous.total} items on page {previous.number} and {page.total} on page "
            f"{page.number}: it changes while it is read",
        )
    if page.items and previous.max_results is not None and len(previous.items) != previous.max_results:
        raise failure(
            Fault.UNEVEN,
            f"{what}: page {previous.number} holds {len(previous.items)} items of {previous.max_results} and is not "
            f"the last",
        )


def _check_repeat(page: Page[SpooledItem], seen: dict[str, int], what: str) -> None:
    """The same items once more mean a server that ignores `page`, or links that run in a circle."""
    if not page.items:
        return
    print_ = walk_digest(item.digest for item in page.items)
    if print_ in seen:
        raise failure(
            Fault.REPEATED_PAGE,
            f"{what}: page {page.number} repeats page {seen[print_]}, so the feed ignores `page` or its links run in "
            f"a circle",
        )
    seen[print_] = page.number


def _check_owner(page: Page[Any], key: ConferenceKey, client: FeedClient, endpoint: Endpoint) -> set[int]:
    """The places (from 0) of the items that do not say whose they are; raises for one that is another's.

    Every row names its account and conference (feed-facts.md, Pages), and another's row must never be stored. One that
    names none is let through where others of its page name the right ones; where none does, nothing shows that the feed
    has kept to `where`. An element that is no object can name nobody; it is kept as unusable, never as a session.
    """
    objects = [(place, item.content) for place, item in enumerate(page.items) if item.is_object]
    unowned: set[int] = set()
    for name, expected in zip(OWNER, (key.account, key.conference), strict=True):
        others = [(place, row) for place, row in objects if row.get(name) != expected]
        others = [(place, value) for place, row in others if (value := member(row, name)) != expected]
        if not endpoint.names_owner:
            others = [(place, value) for place, value in others if name in page.items[place].content]
        blank = {place for place, value in others if endpoint.names_owner and is_blank(value)}
        unowned |= blank
        strange = [(place, value) for place, value in others if place not in blank and not _names(value, expected)]
        if blank and len(blank) == len(objects):
            strange = others
        if strange:
            place, value = strange[0]
            raise failure(
                Fault.STRANGER,
                f"{endpoint.name} of {key}: item {place + 1} of page {page.number} has {name} "
                f"{client.redact(str(value), 60)!r} in place of {expected!r}, so the feed did not keep to `where`",
            )
    return unowned


def _names(value: object, expected: str) -> bool:
    """Text may be padded, and a conference called 2018 may come as a number (feed-facts.md, Items) of any form."""
    name = value_of(value)
    if isinstance(name, float | Decimal) and abs(float(name)) < _WHOLE_FLOATS and name == int(name):
        name = int(name)
    return isinstance(name, str | int) and not isinstance(name, bool) and str(name).strip() == expected
