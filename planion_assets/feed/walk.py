"""A walk: every page of a conference, once, checked to fit together.

Asks for the pages, several at once, and reads no more of them than it must. What a series of pages must be is in
`planion_assets.feed.page_series`; whether a whole walk shows a true state of the feed takes a second one
(`planion_assets.feed.snapshot`).
"""

import hashlib
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from planion_assets.feed.client import FeedClient, Usage
from planion_assets.feed.endpoints import SESSIONS, Endpoint
from planion_assets.feed.errors import NotFoundError
from planion_assets.feed.known_pages import KnownPages, LaterItems, Recognised, Unread
from planion_assets.feed.page import Page, missing_page, pages_told_of
from planion_assets.feed.page_series import Answer, PageSeries, Walk, walk_digest
from planion_assets.feed.prefetch import Prefetch
from planion_assets.feed.spooled_items import SpooledItem, SpooledItems
from planion_assets.keys import ConferenceKey

__all__ = ["Walk", "walk", "walk_digest"]


def walk(
    client: FeedClient,
    key: ConferenceKey,
    endpoint: Endpoint = SESSIONS,
    *,
    memory: dict[int, Page[SpooledItem]] | None = None,
    spooled: SpooledItems | None = None,
    usage: Usage | None = None,
    stored: KnownPages | None = None,
    confirms: Walk | None = None,
    size: int | None = None,
) -> Walk:
    """Read every page of a collection of a conference; several at once where the first says how many there are.

    `memory` has the pages of an earlier walk by number, which spares reading the same bytes again, and takes those of
    this one. Items are put aside in `spooled`, page by page. A walk whose bodies are those of `stored`, in their
    order, is that one: none of them is parsed unless an item is asked for. One that `confirms` another asks for as many
    pages in another order (`page_order`) first. `size` asks for pages of so many items, which the feed may ignore. No
    request is under way when it returns or raises.

    Raises `UnevenWalkError` when the pages do not fit together (the counts of `_meta` disagree with the items, or
    with each other), `ContractError` when they cannot be this conference's, and whatever `FeedClient.get`
    raises. Ends in at most `limits.max_pages` requests, retries apart, and `limits.walk_timeout` seconds,
    and holds at most `limits.max_walk_bytes` of answers. Raises OSError where the disk has no room for them.
    """
    deadline = client.clock.monotonic() + client.limits.walk_timeout
    memory = {} if memory is None else memory
    spooled = SpooledItems() if spooled is None else spooled
    series = PageSeries(client, key, endpoint, memory, spooled)
    recognised = Recognised(None if confirms else stored)
    order = page_order(confirms.pages if confirms else 1)
    told = 1

    def get(place: int, exchange: AbstractContextManager[Any]) -> Answer:
        number = order[place - 1] if place <= len(order) else place
        try:
            return client.get(
                key,
                number,
                partial(read, number),
                deadline=deadline,
                endpoint=endpoint,
                size=size,
                usage=usage,
                exchange=exchange,
            )
        except NotFoundError:
            if number == 1:
                raise
            # Some servers answer 404 for a page past the end: an empty one, of which `PageSeries` knows what it proves.
            return Unread(number, b"") if recognised.knows(number, b"") else missing_page(number)

    def read(number: int, body: bytes) -> Answer:
        nonlocal told
        if number == 1 and not confirms:
            # Before it is parsed, and whether it will be or not.
            told = min(pages_told_of(body), client.limits.max_pages)
            prefetch.expect(told)
        known = memory.get(number)
        if known and known.body_digest == hashlib.sha256(body).digest():
            return known
        return Unread(number, body) if recognised.knows(number, body) else client.parse(body, number)

    with Prefetch(get, client.limits.max_at_once) as prefetch:
        while series.goes_on and not recognised.complete:
            place = max(len(series), len(recognised)) + 1
            series.check_number(place)
            last = min(told, recognised.expected) if recognised.goes_on else max(len(order), series.last)
            answer = prefetch.page(place, last)
            if recognised.goes_on and isinstance(answer, Unread):
                recognised.add(answer)
                series.check_size(len(recognised), recognised.size)
                continue
            if recognised.goes_on:
                recognised.goes_on = False
                series.add_all(recognised)
            if series.goes_on:
                series.add(answer)
    if stored and recognised.complete:
        return Walk(
            LaterItems(
                stored.items, lambda: PageSeries(client, key, endpoint, {}, spooled).add_all(recognised).whole().items
            ),
            len(recognised),
            stored.digest,
            stored.bodies,
        )
    memory |= {page.number: page for page in series.pages}
    return series.whole()


def page_order(pages: int) -> list[int]:
    """The order in which a second walk asks for that many pages: the even numbers, then the odd ones.

    Two walks in one order are deceived by rows that go and come back at the same places of both.
    """
    numbers = range(1, pages + 1)
    return [*numbers[1::2], *numbers[::2]]
