"""Reading a verified snapshot of a conference: it is walked until walks agree, or reading fails.

The feed promises no order, and rows that come and go can leave every count equal and the rows wrong (feed-facts.md,
Pages). So two walks in a row must agree, the second over pages of another size and in another order; three where an
item repeats or the feed states no count. A walk that equals the stored snapshot needs no second one.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from planion_assets.feed.client import FeedClient, Usage
from planion_assets.feed.endpoints import SESSIONS, Endpoint
from planion_assets.feed.errors import BusyError, DeadlineError, Fault, FeedError, UnevenWalkError, failure
from planion_assets.feed.known_pages import KnownPages
from planion_assets.feed.page_series import Walk
from planion_assets.feed.spooled_items import SpooledItem, SpooledItems
from planion_assets.feed.walk import walk
from planion_assets.keys import ConferenceKey

logger = logging.getLogger(__name__)

_AGREEING = 2
_AGREEING_WHERE_IN_DOUBT = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What a verified reading cost: walks, pages of the last walk, HTTP requests, retries, seconds."""

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
    known: KnownPages | None = None,
) -> Snapshot:
    """Walk a collection of the conference until a walk equals the stored snapshot or those before it.

    `known` are the pages of the stored snapshot: where they come again they are not parsed, unless an item is asked
    for, which may then raise OSError or `FeedError`. Raises `UnevenWalkError` when `limits.max_walks` walks did not
    agree, and any other `FeedError` or an OSError at once.
    """
    started, usage = client.clock.monotonic(), Usage()
    walk_once = partial(walk, client, key, endpoint, spooled=SpooledItems(), usage=usage, known=known)
    walks = _Walks(key, endpoint, walk_once, stored_digest, client.limits.max_walks)
    confirmed = walks.confirmed()
    return Snapshot(
        key=key,
        items=confirmed.items,
        digest=confirmed.digest,
        fetched_at=datetime.fromtimestamp(client.clock.wall(), UTC),
        unchanged=confirmed.digest == stored_digest,
        reading=Reading(
            walks=walks.count,
            pages=confirmed.pages,
            requests=usage.requests,
            retries=usage.retries,
            seconds=client.clock.monotonic() - started,
        ),
        bodies=confirmed.bodies,
    )


@dataclass(slots=True)
class _Walks:
    """Walks over one collection, until walks agree."""

    key: ConferenceKey
    endpoint: Endpoint
    walk: Callable[..., Walk]
    stored_digest: str | None
    max_walks: int
    count: int = 0
    counted_from: int = 0
    """The number of walks before those that `max_walks` bounds."""
    agreeing: int = 0
    previous: Walk | None = None
    confirming: bool = False
    """Whether the previous walk confirmed the one before it: every other walk does."""
    may_resize: bool = True
    """Whether the feed may give pages of another size."""
    reason: str = ""

    def confirmed(self) -> Walk:
        """Walk until a walk is confirmed. The walk, with the feed's own pages; raises as `read_snapshot`."""
        while self.count < self.counted_from + self.max_walks:
            self.count += 1
            confirms = None if self.confirming else self.previous
            size = _other_size(confirms) if confirms and self.may_resize else None
            try:
                current = self.walk(confirms=confirms, size=size)
            except FeedError as error:
                self._failed(error, size)
                continue
            if self._is_confirmed(current, size):
                # The pages to recognise next time are those of the feed's own size.
                if size and self.previous and self.agreeing > 1:
                    return self.previous
                return replace(current, bodies=()) if size else current
            self.previous, self.confirming = current, confirms is not None
        raise failure(
            Fault.UNEVEN,
            f"{self.endpoint.name} of {self.key}: no two of {self.count} walks in a row agree ({self.reason}): "
            f"the feed is being edited",
        )

    def _failed(self, error: FeedError, size: int | None) -> None:
        """Go on after a walk that failed; raises the error where another walk would not help."""
        uneven = isinstance(error, UnevenWalkError)
        if isinstance(error, DeadlineError | BusyError) or not (size or uneven):
            raise error
        of_size = f", over pages of {size} items" if size else ""
        logger.warning("walk %d of %s%s: %s", self.count, self.key, of_size, error)
        self.reason = error.message
        if uneven:
            self.previous, self.confirming = None, False
        if size:
            self._use_feed_page_size()

    def _use_feed_page_size(self) -> None:
        """Walk over the feed's own pages from here on, up to `max_walks` times."""
        self.may_resize, self.counted_from = False, self.count

    def _is_confirmed(self, current: Walk, size: int | None) -> bool:
        """Whether a walk equals the stored snapshot, or enough of those before it."""
        previous = self.previous
        if size and previous and len(current.items) != len(previous.items):
            # The feed was edited, or misreads the size: the next walks, over its own pages, show which.
            self._use_feed_page_size()
        self.agreeing = self.agreeing + 1 if previous and current.digest == previous.digest else 1
        if current.digest == self.stored_digest:
            return True
        # More must agree where an item repeats, or no count tells of one that is missing.
        needed = _AGREEING_WHERE_IN_DOUBT if current.repeats or not current.counted else _AGREEING
        if self.agreeing >= min(needed, self.max_walks):
            return True
        if previous and self.agreeing == 1:
            self.reason = f"walk {self.count} differs from walk {self.count - 1}"
            logger.warning("%s: %s", self.key, self.reason)
        return False


def _other_size(confirmed: Walk) -> int | None:
    """The size of pages to ask for in a walk that confirms another; None where all came on one page.

    A walk that sees two states of the feed leaves out, or repeats, rows at the borders of its pages. Where the borders
    are elsewhere they are other rows, so that no two such walks agree, whatever edits there were in between.
    """
    return confirmed.page_size - 1 if confirmed.page_size > 1 and len(confirmed.items) > confirmed.page_size else None
