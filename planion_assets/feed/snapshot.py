"""Reading a verified snapshot of a conference: it is walked until walks agree, or reading fails.

The feed promises no order, and rows that come and go can leave every count equal and the rows wrong (feed-facts.md,
Pages). So two walks in a row must agree, the second over pages of another size and in another order; three where an
item repeats or the feed states no count. A walk that equals the stored snapshot needs no second one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
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
    return _Reading(client, key, stored_digest, endpoint, known).snapshot()


class _Reading:
    """Walks over one collection, until walks agree."""

    def __init__(
        self,
        client: FeedClient,
        key: ConferenceKey,
        stored_digest: str | None,
        endpoint: Endpoint,
        known: KnownPages | None,
    ) -> None:
        self._client, self._key, self._stored_digest, self._endpoint = client, key, stored_digest, endpoint
        self._usage = Usage()
        self._walk = partial(walk, client, key, endpoint, spooled=SpooledItems(), usage=self._usage, known=known)
        self._max_walks = self._left = client.limits.max_walks
        self._started = client.clock.monotonic()
        self._previous: Walk | None = None
        self._confirming = False
        """Whether the previous walk confirmed the one before it: every other walk does."""
        self._may_resize = True
        """Whether the feed may give pages of another size."""
        self._walks = self._agreeing = 0
        self._reason = ""

    def snapshot(self) -> Snapshot:
        """Walk until a walk is confirmed. Raises as `read_snapshot` does."""
        while self._left:
            self._walks, self._left = self._walks + 1, self._left - 1
            confirms = None if self._confirming else self._previous
            size = _other_size(confirms) if confirms and self._may_resize else None
            try:
                current = self._walk(confirms=confirms, size=size)
            except FeedError as error:
                self._failed(error, size)
                continue
            if self._is_confirmed(current, size):
                return self._snapshot(current, size)
            self._previous, self._confirming = current, confirms is not None
        raise failure(
            Fault.UNEVEN,
            f"{self._endpoint.name} of {self._key}: no two of {self._walks} walks in a row agree ({self._reason}): "
            f"the feed is being edited",
        )

    def _failed(self, error: FeedError, size: int | None) -> None:
        """Go on after a walk that failed; raises the error where another walk would not help."""
        uneven = isinstance(error, UnevenWalkError)
        if isinstance(error, DeadlineError | BusyError) or not (size or uneven):
            raise error
        of_size = f", over pages of {size} items" if size else ""
        logger.warning("walk %d of %s%s: %s", self._walks, self._key, of_size, error)
        self._reason = error.message
        if uneven:
            self._previous, self._confirming = None, False
        if size:
            self._use_feed_page_size()

    def _use_feed_page_size(self) -> None:
        """Walk over the feed's own pages from here on, up to `limits.max_walks` times."""
        self._may_resize, self._left = False, self._max_walks

    def _is_confirmed(self, current: Walk, size: int | None) -> bool:
        """Whether a walk equals the stored snapshot, or enough of those before it."""
        previous = self._previous
        if size and previous and len(current.items) != len(previous.items):
            # The feed was edited, or misreads the size: the next walks, over its own pages, show which.
            self._use_feed_page_size()
        self._agreeing = self._agreeing + 1 if previous and current.digest == previous.digest else 1
        if current.digest == self._stored_digest or self._agreeing >= _needed(current, self._max_walks):
            return True
        if previous and self._agreeing == 1:
            self._reason = f"walk {self._walks} differs from walk {self._walks - 1}"
            logger.warning("%s: %s", self._key, self._reason)
        return False

    def _snapshot(self, current: Walk, size: int | None) -> Snapshot:
        # The pages to recognise next time are those of the feed's own size.
        own = self._previous if self._previous and self._agreeing > 1 and size else current
        clock = self._client.clock
        return Snapshot(
            key=self._key,
            items=own.items,
            digest=current.digest,
            fetched_at=datetime.fromtimestamp(clock.wall(), UTC),
            unchanged=current.digest == self._stored_digest,
            reading=Reading(
                walks=self._walks,
                pages=own.pages,
                requests=self._usage.requests,
                retries=self._usage.retries,
                seconds=clock.monotonic() - self._started,
            ),
            bodies=() if own is current and size else own.bodies,
        )


def _other_size(confirmed: Walk) -> int | None:
    """The size of pages to ask for in a walk that confirms another; None where all came on one page.

    A walk that sees two states of the feed leaves out, or repeats, rows at the borders of its pages. Where the borders
    are elsewhere they are other rows, so that no two such walks agree, whatever edits there were in between.
    """
    return confirmed.page_size - 1 if confirmed.page_size > 1 and len(confirmed.items) > confirmed.page_size else None


def _needed(current: Walk, max_walks: int) -> int:
    """How many walks in a row must agree: more where an item repeats, or no count tells of one that is missing."""
    in_doubt = current.repeats or not current.counted
    return min(_AGREEING_WHERE_IN_DOUBT if in_doubt else _AGREEING, max_walks)
