"""Verification: the true state of a conference, or an error.

No order is promised while pages are read, and rows that come and go can leave every count equal and the result
wrong (feed-facts.md, Pages). Two walks in a row that agree are believed, the second over pages of another size where
the feed gives them, and in another order; three where an item comes twice, since rows that are added and removed under
both walks can repeat an item in each, and where the feed states no count. A walk that equals what is stored needs no
second one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from planion_assets.feed.client import FeedClient, Usage
from planion_assets.feed.endpoints import SESSIONS, Endpoint
from planion_assets.feed.errors import (
    BusyError,
    ContractError,
    DeadlineError,
    Fault,
    PermanentFeedError,
    TransientFeedError,
    UnevenWalkError,
    failure,
)
from planion_assets.feed.known_pages import KnownPages
from planion_assets.feed.page import Page
from planion_assets.feed.spooled_items import SpooledItem, SpooledItems
from planion_assets.feed.walk import Walk, walk
from planion_assets.keys import ConferenceKey

logger = logging.getLogger(__name__)

_AGREEING = 2
_AGREEING_WHERE_IN_DOUBT = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What a verified reading cost: walks made, pages of the last walk, HTTP requests, retries, seconds."""

    walks: int
    pages: int
    requests: int
    retries: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One verified state of a collection of a conference.

    `digest` is the SHA-256 (hex) of its content; `fetched_at` the instant (UTC) the last walk ended; `unchanged`
    is true when it equals the stored snapshot. `bodies` holds the SHA-256 of the body of each page of that walk.
    """

    key: ConferenceKey
    items: Sequence[SpooledItem] = field(repr=False)
    digest: str
    fetched_at: datetime
    unchanged: bool
    reading: Reading
    bodies: tuple[bytes, ...] = field(repr=False)


def read_snapshot(
    client: FeedClient,
    key: ConferenceKey,
    stored_digest: str | None = None,
    endpoint: Endpoint = SESSIONS,
    stored: KnownPages | None = None,
) -> Snapshot:
    """Walk a collection of the conference until a walk equals the stored snapshot or those before it.

    `stored` is the walk that the stored snapshot was taken from, where it is known: the same bytes are not read again.
    Asking for an item of theirs then raises OSError or `FeedError` where they cannot be.
    Raises `UnevenWalkError` when `limits.max_walks` walks did not agree, and any other `FeedError` or an OSError at
    once.
    """
    usage, spooled, memory = Usage(), SpooledItems(), dict[int, Page[SpooledItem]]()
    started = client.clock.monotonic()
    previous: Walk | None = None
    agreeing, number, left, reason = 0, 0, client.limits.max_walks, ""
    confirming, sizes = False, True
    while left:
        number, left = number + 1, left - 1
        confirms = None if confirming else previous
        size = _other_size(confirms) if confirms and sizes else None
        ask = partial(walk, client, key, endpoint, spooled=spooled, usage=usage, stored=stored)
        try:
            current = ask(memory=memory, confirms=confirms, size=size)
        except (PermanentFeedError, ContractError, TransientFeedError) as error:
            uneven = isinstance(error, UnevenWalkError)
            if isinstance(error, DeadlineError | BusyError) or not (size or uneven):
                raise
            logger.warning("walk %d of %s%s: %s", number, key, _of_size(size), error)
            reason = str(error)
            if uneven:
                previous, confirming = None, False
            if size:
                sizes, left = False, client.limits.max_walks
            continue
        if size and previous and len(current.items) != len(previous.items):
            # Edited, or a feed that takes the size for something else: the next walks tell, over its own pages.
            sizes, left = False, client.limits.max_walks
        agreeing = agreeing + 1 if previous and current.digest == previous.digest else 1
        if current.digest == stored_digest or agreeing >= _needed(current, client.limits.max_walks):
            # The pages to know again are those of the feed's own size.
            shown = previous if previous and agreeing > 1 and size else current
            return Snapshot(
                key=key,
                items=shown.items,
                digest=current.digest,
                fetched_at=datetime.fromtimestamp(client.clock.wall(), UTC),
                unchanged=current.digest == stored_digest,
                reading=Reading(
                    walks=number,
                    pages=shown.pages,
                    requests=usage.requests,
                    retries=usage.retries,
                    seconds=client.clock.monotonic() - started,
                ),
                bodies=() if shown is current and size else shown.bodies,
            )
        if previous and agreeing == 1:
            reason = f"walk {number} differs from walk {number - 1}"
            logger.warning("%s: %s", key, reason)
        previous, confirming = current, confirms is not None
    raise failure(
        Fault.UNEVEN,
        f"{endpoint.name} of {key}: no two of {number} walks in a row agree ({reason}): the feed is being edited",
    )


def _other_size(confirmed: Walk) -> int | None:
    """The size of pages to ask for in a walk that confirms another; None where all came on one page.

    A walk that sees two states of the feed leaves out, or repeats, rows at the borders of its pages. Where the borders
    are elsewhere they are other rows, so that no two such walks agree, whatever edits there were in between.
    """
    return confirmed.page_size - 1 if confirmed.page_size > 1 and len(confirmed.items) > confirmed.page_size else None


def _of_size(size: int | None) -> str:
    return f", over pages of {size} items" if size else ""


def _needed(current: Walk, max_walks: int) -> int:
    """How many walks in a row must agree: more where an item repeats, or no count tells of one that is missing."""
    in_doubt = current.repeats or not current.counted
    return min(_AGREEING_WHERE_IN_DOUBT if in_doubt else _AGREEING, max_walks)
