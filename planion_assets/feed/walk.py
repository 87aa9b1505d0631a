"""A walk: every page of a conference, once, checked to fit together.

Knows when a series of pages ends and when it cannot be whole. Whether a whole walk shows a true state of the
feed takes a second one (`planion_assets.feed.snapshot`).
"""

import hashlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from planion_assets.feed.ahead import Ahead
from planion_assets.feed.client import FeedClient, Usage
from planion_assets.feed.endpoints import SESSIONS, Endpoint
from planion_assets.feed.errors import Fault, failure
from planion_assets.feed.held import Held, HeldItem
from planion_assets.feed.page import Item, Page, pages_told_of
from planion_assets.keys import ConferenceKey

_ETAG = "_etag"


@dataclass(frozen=True, slots=True)
class Walk:
    """The items of one whole walk, in the order they came, and the number of pages that held them.

    `digest` is the SHA-256 (hex) of the multiset of the items' digests: equal content in any order is equal.
    """

    items: tuple[HeldItem, ...] = field(repr=False)
    pages: int
    digest: str

    @property
    def repeats(self) -> bool:
        """Whether an item came more than once: the feed has it so, or it moved to a later page while it was read."""
        return len({item.digest for item in self.items}) < len(self.items)


def walk_digest(digests: Iterable[str]) -> str:
    """SHA-256 (hex) of a multiset of item digests."""
    return hashlib.sha256("\n".join(sorted(digests)).encode("ascii")).hexdigest()


def walk(
    client: FeedClient,
    key: ConferenceKey,
    endpoint: Endpoint = SESSIONS,
    *,
    memory: dict[int, Page[HeldItem]] | None = None,
    held: Held | None = None,
    usage: Usage | None = None,
) -> Walk:
    """Read every page of a collection of a conference; several at once where the first says how many there are.

    `memory` has the pages of an earlier walk by number, which spares reading the same bytes again, and takes those of
    this one. Items are put aside in `held`, page by page. No request is under way when it returns or raises.

    Raises `UnevenWalkError` when the pages do not fit together (the counts of `_meta` disagree with the items, or
    with each other), `ContractError` when they cannot be this conference's, and whatever `FeedClient.get_page`
    raises. Ends in at most `limits.max_pages` requests, retries apart, and `limits.walk_timeout` seconds,
    and holds at most `limits.max_walk_bytes` of answers. Raises OSError where the disk has no room for them.
    """
    what = f"{endpoint.name} of {key}"
    deadline = client.clock.monotonic() + client.limits.walk_timeout
    memory = {} if memory is None else memory
    held = Held() if held is None else held
    pages: list[Page[HeldItem]] = []
    seen: dict[str, int] = {}
    received = 0

    def get(number: int, exchange: AbstractContextManager[Any]) -> Page[Item] | Page[HeldItem]:
        return client.get_page(
            key,
            number,
            deadline=deadline,
            endpoint=endpoint,
            known=memory.get(number),
            usage=usage,
            exchange=exchange,
            glimpse=foretell if number == 1 else None,
        )

    def foretell(first: bytes) -> None:
        ahead.expect(min(pages_told_of(first), client.limits.max_pages))

    with Ahead(get, client.limits.max_at_once) as ahead:
        while not pages or _goes_on(pages[-1], received):
            number = len(pages) + 1
            if number > client.limits.max_pages:
                raise failure(Fault.ENDLESS, f"{what}: page {number - 1} is followed by another")
            answer = ahead.page(number, _last(pages, client.limits.max_pages))
            known = memory.get(number)
            page = known if known is answer else None
            if page is None:
                _check_owner(answer, key, client, endpoint)
                page = held.keep(answer, (endpoint.identifier, _ETAG))
            _check_repeat(page, seen, what)
            if pages:
                _check_full(pages[-1], page, what)
            pages.append(page)
            _check_size(pages, client.limits.max_walk_bytes, what)
            received += len(page.items)
    memory |= {page.number: page for page in pages}
    total = next((page.total for page in reversed(pages) if page.total is not None), None)
    if total is not None and received != total:
        raise failure(
            Fault.UNEVEN,
            f"{what}: {received} items came on {len(pages)} pages, and the feed counts {total}: it changes while it "
            f"is read, or is broken",
        )
    items = tuple(item for page in pages for item in page.items)
    return Walk(items=items, pages=len(pages), digest=walk_digest(item.digest for item in items))


def _last(pages: list[Page[HeldItem]], max_pages: int) -> int:
    """The number of the last page as the first one tells it, 1 where it does not."""
    if not pages or not pages[0].total or not pages[0].max_results:
        return 1
    return min(-(-pages[0].total // pages[0].max_results), max_pages)


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


def _check_size(pages: list[Page[HeldItem]], limit: int, what: str) -> None:
    """All that is read is held until it is verified, so it must not be without bound."""
    size = sum(page.size for page in pages)
    if size > limit:
        raise failure(Fault.TOO_MUCH, f"{what}: {len(pages)} pages hold {size} bytes, more than {limit >> 20} MiB")


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
