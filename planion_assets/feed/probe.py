"""A probe: one request for the first page of a collection, to see whether and how it answers.

Belongs here: the one request and what its page shows. Nothing is proven by it: what a conference truly holds takes
verified walks (`planion_assets.feed.snapshot`).
"""

from dataclasses import replace
from functools import partial

from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import Endpoint
from planion_assets.feed.item import Item
from planion_assets.feed.limits import Limits
from planion_assets.feed.page import Page
from planion_assets.feed.page_checks import check_owner
from planion_assets.keys import ConferenceKey


def probing(limits: Limits) -> Limits:
    """Limits under which a page is asked for once, and waited for no longer than one request may take."""
    return replace(limits, max_attempts=1, walk_timeout=limits.connect_timeout + limits.read_timeout)


def probe(client: FeedClient, key: ConferenceKey, endpoint: Endpoint) -> Page[Item]:
    """The first page of a collection of a conference, asked for once. The client's limits are those of `probing`.

    Raises a `FeedError` of the family that says what is wrong: a `TokenRefusedError` for a token that is refused, a
    `NotIncludedError` for a collection that the contract leaves out, a `ContractError` for rows of another conference.
    """
    deadline = client.clock.monotonic() + client.limits.walk_timeout
    page = client.get(key, 1, partial(client.parse, number=1), deadline=deadline, endpoint=endpoint)
    check_owner(page, key, endpoint, client.redact)
    return page
