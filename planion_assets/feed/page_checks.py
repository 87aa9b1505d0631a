"""What the pages of a walk must be: this conference's, of one size, full but for the last, and no page twice.

Each check raises the `FeedError` of its fault.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from planion_assets.extended_json import value_of
from planion_assets.feed.endpoints import Endpoint
from planion_assets.feed.errors import Fault, failure
from planion_assets.feed.item import Item, walk_digest
from planion_assets.feed.page import Page, Show
from planion_assets.keys import ConferenceKey
from planion_assets.members import OWNER, is_blank, member

_WHOLE_FLOATS = 2**53  # from here on 64-bit floats do not tell whole numbers apart


def check_owner(page: Page[Item], key: ConferenceKey, endpoint: Endpoint, show: Show) -> set[int]:
    """The places (from 0) of the items that do not say whose they are; raises for one that is another's.

    Every row names its account and conference (feed-facts.md, Pages), and another's row must never be stored. One that
    names none is let through where another of its page names the right ones; else nothing shows that the feed kept to
    `where`. An element that is no object names nobody, and is stored as unusable.
    """
    objects = [(place, item.content) for place, item in enumerate(page.items) if isinstance(item.content, dict)]
    unowned: set[int] = set()
    for name, expected in zip(OWNER, (key.account, key.conference), strict=True):
        others = [(place, value) for place, row in objects if (value := member(row, name)) != expected]
        if not endpoint.names_owner:
            others = [(place, value) for place, value in others if name in page.items[place].content]
        blank = {place for place, value in others if endpoint.names_owner and is_blank(value_of(value))}
        unowned |= blank
        strange = [(place, value) for place, value in others if place not in blank and not _names(value, expected)]
        if blank and len(blank) == len(objects):
            strange = others
        if strange:
            place, value = strange[0]
            raise failure(
                Fault.STRANGER,
                f"{endpoint.name} of {key}: item {place + 1} of page {page.number} has {name} "
                f"{show(str(value), 60)!r} in place of {expected!r}, so the feed did not keep to `where`",
            )
    return unowned


def _names(value: object, expected: str) -> bool:
    """Whether a value is that name, padded or as a number of any form (feed-facts.md, Items)."""
    name = value_of(value)
    if isinstance(name, float | Decimal) and abs(float(name)) < _WHOLE_FLOATS and name == int(name):
        name = int(name)
    return isinstance(name, str | int) and not isinstance(name, bool) and str(name).strip() == expected


def check_sizes(pages: Sequence[Page[Any]], page: Page[Any], what: str) -> None:
    """All pages that state how many items a page may hold must state the same: else they overlap, or leave some out."""
    other = next((one for one in reversed(pages) if one.max_results is not None), None)
    if other and page.max_results is not None and page.max_results != other.max_results:
        raise failure(
            Fault.UNEVEN,
            f"{what}: page {other.number} is of {other.max_results} items at most and page {page.number} of "
            f"{page.max_results}, so that they overlap or leave some out",
        )


def check_full(previous: Page[Any], page: Page[Any], what: str) -> None:
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


def check_repeat(page: Page[Any], seen: dict[str, int], what: str) -> None:
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
