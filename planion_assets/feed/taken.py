"""The pages of a walk that have been read: each is checked as it comes to fit to those before.

Knows when a series of pages ends and when it cannot be whole. Which pages are asked for, and when, is in
`planion_assets.feed.walk`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import Endpoint
from planion_assets.feed.errors import Fault, failure
from planion_assets.feed.held import Held, HeldItem
from planion_assets.feed.page import Item, Page, page_count
from planion_assets.feed.unread import Recognised, Unread
from planion_assets.keys import ConferenceKey

_ETAG = "_etag"

Answer = Page[Item] | Page[HeldItem] | Unread
"""A page as it is taken: parsed, as an earlier walk held it, or not read yet."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The items of one whole walk, in the order they came, and the number of pages that held them.

    `digest` is the SHA-256 (hex) of the multiset of the items' digests: equal content in any order is equal. `bodies`
    holds the SHA-256 of each page's body, in order.
    """

    items: Sequence[HeldItem] = field(repr=False)
    pages: int
    digest: str
    bodies: tuple[bytes, ...] = field(repr=False)

    @property
    def repeats(self) -> bool:
        """Whether an item came more than once: the feed has it so, or it moved to a later page while it was read."""
        return len({item.digest for item in self.items}) < len(self.items)


def walk_digest(digests: Iterable[str]) -> str:
    """SHA-256 (hex) of a multiset of item digests."""
    return hashlib.sha256("\n".join(sorted(digests)).encode("ascii")).hexdigest()


class Taken:
    """The pages of a walk that have been read, in order, each checked as it comes to fit to those before."""

    def __init__(
        self, client: FeedClient, key: ConferenceKey, endpoint: Endpoint, memory: dict[int, Page[HeldItem]], held: Held
    ) -> None:
        self.pages: list[Page[HeldItem]] = []
        self._client, self._key, self._endpoint, self._memory, self._held = client, key, endpoint, memory, held
        self._what = f"{endpoint.name} of {key}"
        self._seen: dict[str, int] = {}
        self._received = 0

    def __len__(self) -> int:
        return len(self.pages)

    @property
    def goes_on(self) -> bool:
        """Whether another page is to be asked for."""
        return not self.pages or _goes_on(self.pages[-1], self._received)

    @property
    def last(self) -> int:
        """The number of the last page as the first one tells it, 1 where it does not."""
        told = page_count(self.pages[0].total, self.pages[0].max_results) if self.pages else 1
        return min(told, self._client.limits.max_pages)

    def add(self, answer: Answer) -> None:
        """Take the next page. Raises a `FeedError`, or OSError where the disk has no room."""
        if isinstance(answer, Unread):
            answer = self._client.parse(answer.body, answer.number)
        known = self._memory.get(answer.number)
        page = known if known is answer else None
        if page is None:
            _check_owner(answer, self._key, self._client, self._endpoint)
            page = self._held.keep(answer, (self._endpoint.identifier, _ETAG))
        _check_repeat(page, self._seen, self._what)
        if self.pages:
            _check_full(self.pages[-1], page, self._what)
        self.pages.append(page)
        self.check_size(len(self), sum(page.size for page in self.pages))
        self._received += len(page.items)

    def add_all(self, recognised: Recognised) -> "Taken":
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
        total = next((page.total for page in reversed(self.pages) if page.total is not None), None)
        if total is not None and self._received != total:
            raise failure(
                Fault.UNEVEN,
                f"{self._what}: {self._received} items came on {len(self)} pages, and the feed counts {total}: it "
                f"changes while it is read, or is broken",
            )
        items = tuple(item for page in self.pages for item in page.items)
        digest = walk_digest(item.digest for item in items)
        return Walk(items, len(self), digest, tuple(page.body_digest for page in self.pages))


def _goes_on(page: Page[HeldItem], received: int) -> bool:
    """Whether another page is to be asked for.

    A page past the end has no items (feed-facts.md, Pages), so an empty page always ends the walk. A page with
    neither `_meta` nor `_links` says nothing about a next one: only asking tells.
    """
    if not page.items:
        return False
    if page.has_next:
        return True
    if page.total is not None:
        return received < page.total
    return page.has_next is None


def _check_full(previous: Page[HeldItem], page: Page[HeldItem], what: str) -> None:
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


def _check_repeat(page: Page[HeldItem], seen: dict[str, int], what: str) -> None:
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


def _check_owner(page: Page[Any], key: ConferenceKey, client: FeedClient, endpoint: Endpoint) -> None:
    """Every row names its account and conference (feed-facts.md, Pages); another's row must never be stored.

    An element that is no object can name nobody; it is kept as unusable, never as a session.
    """
    for position, item in enumerate(page.items, start=1):
        content: Any = item.content
        if not isinstance(content, dict):
            continue
        for name, expected in (("account", key.account), ("conference", key.conference)):
            if name not in content and not endpoint.names_owner:
                continue
            if not _names(content.get(name), expected):
                raise failure(
                    Fault.STRANGER,
                    f"{endpoint.name} of {key}: item {position} of page {page.number} has {name} "
                    f"{client.redact(str(content.get(name)), 60)!r} in place of {expected!r}, so the feed did not "
                    f"keep to `where`",
                )


def _names(value: object, expected: str) -> bool:
    """Text may be padded, and a conference called 2018 may come as a number (feed-facts.md, Items)."""
    if isinstance(value, bool):
        return False
    return isinstance(value, str | int) and str(value).strip() == expected
