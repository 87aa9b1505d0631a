"""The pages of one walk as they are read: whether another is needed, and the `Walk` once all are read.

page_checks.py says what each page must be, walk.py requests them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from planion_assets.feed.errors import Fault, failure
from planion_assets.feed.item import walk_digest
from planion_assets.feed.limits import Limits
from planion_assets.feed.page import Page, page_count
from planion_assets.feed.page_checks import check_full, check_repeat, check_sizes
from planion_assets.feed.spooled_items import SpooledItem


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


class PageSeries:
    """The pages of a walk that have been read, each checked against those before it; they may come in any order.

    `what` names the collection and its conference in errors.
    """

    def __init__(self, what: str, limits: Limits) -> None:
        self._what, self._limits = what, limits
        self._pages: list[Page[SpooledItem]] = []
        self._out_of_order: dict[int, Page[SpooledItem]] = {}
        self._seen: dict[str, int] = {}
        self._received = self._size = 0

    def __len__(self) -> int:
        """How many pages have come, those before which others are missing included."""
        return len(self._pages) + len(self._out_of_order)

    @property
    def goes_on(self) -> bool:
        """Whether another page is to be asked for.

        A page past the end has no items (feed-facts.md, Pages). Where the feed states a total, an empty page ends the
        walk whatever the total is, for `whole` compares the two. Where it states none, neither a short page nor the
        absence of a link proves the end, only an empty page does; and as a page can be empty by mistake, two in a row.
        """
        if not self._pages:
            return True
        if self._total is None:
            return any(page.items for page in self._pages[-2:])
        last = self._pages[-1]
        return bool(last.items) and (bool(last.has_next) or self._received < self._total)

    @property
    def last(self) -> int:
        """The number of the last page by what the first one states, 1 where it does not."""
        stated = page_count(self._pages[0].total, self._pages[0].max_results) if self._pages else 1
        return min(stated, self._limits.max_pages)

    def check_next(self) -> None:
        """Raise where there may be no other page, since a walk is bounded in pages."""
        if len(self) >= self._limits.max_pages:
            raise failure(Fault.ENDLESS, f"{self._what}: page {len(self)} is followed by another")

    def add(self, page: Page[SpooledItem]) -> None:
        """Take a page. Raises a `FeedError` where it does not fit, or all are too large together."""
        self._size += page.size
        limit = self._limits.max_walk_bytes
        if self._size > limit:  # all that is read is held until it is verified
            pages = f"{len(self) + 1} pages hold {self._size} bytes"
            raise failure(Fault.TOO_MUCH, f"{self._what}: {pages}, more than {limit >> 20} MiB")
        self._out_of_order[page.number] = page
        while following := self._out_of_order.pop(len(self._pages) + 1, None):
            self._append(following)

    def whole(self) -> Walk:
        """The walk of these pages. Raises `UnevenWalkError` where the feed counts another number of items."""
        if self._total is not None and self._received != self._total:
            raise failure(
                Fault.UNEVEN,
                f"{self._what}: {self._received} items came on {len(self._pages)} pages, and the feed counts "
                f"{self._total}: it changes while it is read, or is broken",
            )
        items = tuple(item for page in self._pages for item in page.items)
        return Walk(
            items,
            pages=len(self._pages),
            digest=walk_digest(item.digest for item in items),
            bodies=tuple(page.body_digest for page in self._pages),
            counted=self._total is not None,
            page_size=next((page.max_results for page in self._pages if page.max_results is not None), None)
            or max(len(page.items) for page in self._pages),
        )

    @property
    def _total(self) -> int | None:
        """How many items the feed counts; None where no page states that."""
        return next((page.total for page in reversed(self._pages) if page.total is not None), None)

    def _append(self, page: Page[SpooledItem]) -> None:
        """Put a page behind the one before it. Raises a `FeedError` where it does not fit there."""
        check_repeat(page, self._seen, self._what)
        if self._pages:
            check_sizes(self._pages, page, self._what)
            check_full(self._pages[-1], page, self._what)
        if page.size == 0 and self._total is not None:
            raise failure(
                Fault.UNEVEN,
                f"{self._what}: page {page.number} is answered 404 where {self._received} items have come and the feed "
                f"counts {self._total}",
            )
        self._pages.append(page)
        self._received += len(page.items)
