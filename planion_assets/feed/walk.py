"""A walk: every page of a conference, once, checked to fit together.

page_series.py says what a series of pages must be; a second walk proves the first (snapshot.py).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from planion_assets.feed.client import FeedClient, Usage
from planion_assets.feed.endpoints import SESSIONS, Endpoint
from planion_assets.feed.errors import NotFoundError
from planion_assets.feed.known_pages import KnownPages, LazyItems, SpooledBodies
from planion_assets.feed.page import Page, missing_page
from planion_assets.feed.page_checks import check_owner
from planion_assets.feed.page_series import PageSeries, Walk
from planion_assets.feed.prefetch import Prefetch
from planion_assets.feed.spooled_items import SpooledItem, SpooledItems
from planion_assets.keys import ConferenceKey

_ETAG = "_etag"


def walk(
    client: FeedClient,
    key: ConferenceKey,
    endpoint: Endpoint = SESSIONS,
    *,
    spooled: SpooledItems | None = None,
    usage: Usage | None = None,
    known: KnownPages | None = None,
    confirms: Walk | None = None,
    size: int | None = None,
) -> Walk:
    """Read every page of a collection of a conference; several at once where the first says how many there are.

    Items are put into `spooled`; a page whose bytes an earlier walk put there is not parsed again. Where the feed
    serves the `known` pages, none is parsed unless an item is asked for. A walk that `confirms` another requests as
    many pages in another order (`page_order`). `size` asks for pages of so many items, which the feed may ignore. The
    walk is bounded by `limits` in pages, seconds and bytes; no request is under way when it ends.

    Raises `UnevenWalkError` when the pages do not fit together, `ContractError` when they cannot be this conference's,
    whatever `FeedClient.get` raises, and OSError where the disk has no room.
    """
    deadline = client.clock.monotonic() + client.limits.walk_timeout
    ask = partial(client.get, key, deadline=deadline, endpoint=endpoint, size=size, usage=usage)
    pages = _Pages(client, key, endpoint, spooled or SpooledItems(), ask)
    bodies = SpooledBodies(pages.fetch)
    if known and not confirms and known.are_served(bodies, client.limits):
        items = LazyItems(known.items, lambda: _whole(pages, bodies.get).items)
        return Walk(items, len(known.bodies), known.digest, known.bodies)
    return _whole(pages, bodies.get, page_order(confirms.pages) if confirms else [1])


def page_order(pages: int) -> list[int]:
    """The order in which a second walk asks for that many pages: the even numbers, then the odd ones.

    Two walks in one order are deceived by rows that go and come back at the same places of both.
    """
    numbers = range(1, pages + 1)
    return [*numbers[1::2], *numbers[::2]]


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of one walk: their bodies, which may be fetched from any thread, and what is read from them."""

    client: FeedClient
    key: ConferenceKey
    endpoint: Endpoint
    spooled: SpooledItems
    ask: Callable[..., Any]
    """Asks for a page by its number, with what reads its body (`FeedClient.get`)."""

    def fetch(self, number: int) -> bytes:
        """The body of a page; empty for one past the end, for which some servers answer 404."""
        try:
            body: bytes = self.ask(number, bytes)
        except NotFoundError:
            if number == 1:
                raise
            return b""
        return body

    def read(self, number: int, body: bytes) -> Page[SpooledItem]:
        """The page of a body that was fetched; one that cannot be read is asked for again. Raises as `walk` does."""
        stored = self.spooled.page(number, hashlib.sha256(body).digest())
        if stored:
            return stored
        parse = partial(self.client.parse, number=number)
        page = self.ask(number, parse, body=body) if body else missing_page(number)
        unowned = check_owner(page, self.key, self.endpoint, self.client.redact)
        return self.spooled.add(page, (self.endpoint.identifier, _ETAG), unowned)


def _whole(pages: _Pages, fetch: Callable[[int], bytes], order: Sequence[int] = (1,)) -> Walk:
    """Read pages, those of `order` first, until one ends the walk."""
    limits = pages.client.limits
    series = PageSeries(f"{pages.endpoint.name} of {pages.key}", limits)
    with Prefetch(fetch, limits.max_at_once) as prefetch:
        while series.goes_on:
            series.check_next()
            read = len(series)
            numbers = [*order, *range(len(order) + 1, series.last + 1)][read:] or [read + 1]
            body = prefetch.get(numbers[0], numbers[1:])
            series.add(pages.read(numbers[0], body))
    return series.whole()
