"""One page of the feed, from bytes to typed values: `_items`, `_meta`, `_links`.

page_scan.py cuts the items out of the text, page_series.py joins pages.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from planion_assets.feed.errors import Fault, failure
from planion_assets.feed.item import Item
from planion_assets.feed.page_scan import scan

_COUNT = re.compile(r"\s*[0-9]{1,12}(\.0{0,12})?\s*", re.ASCII)
_TOO_MANY = 10**12  # items or pages; no feed has them

Show = Callable[[str, int], str]
"""Makes a text of the feed fit for a message: without a token, and of so many characters at most."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[_Item]):
    """One answered page, of `size` bytes, 0 for a `missing_page`, with the SHA-256 `body_digest`.

    `total` and `max_results` are `_meta`'s, None where the page does not state them. `has_next` says whether
    `_links` names a next page; None when the page has no `_links` at all.
    """

    number: int
    items: tuple[_Item, ...]
    total: int | None
    max_results: int | None
    has_next: bool | None
    size: int
    body_digest: bytes = field(repr=False)


def parse_page(body: bytes, number: int, show: Show = lambda text, limit: text[:limit]) -> Page[Item]:
    """Parse the body of page `number`. Errors quote the feed through `show`.

    Raises `TransientFeedError` for a body that is not JSON (a truncated or mangled answer) and `ContractError` for
    JSON of another shape than the contract's (sessions-feed.md, Get All Sessions).
    """
    try:
        members, items = scan(body)
    except ValueError as error:  # of the encoding, of JSON, of a number with thousands of digits
        raise failure(Fault.NOT_JSON, f"the body of {len(body)} bytes is not JSON ({show(str(error), 100)})") from error
    except RecursionError as error:
        raise failure(Fault.TOO_DEEP, "the JSON is nested too deep to be an events feed") from error
    if items is None:
        names = ", ".join(f"`{show(name, 40)}`" for name in list(members)[:8]) or "nothing"
        raise failure(Fault.NOT_A_PAGE, f"there is no list `_items`; the answer holds {names}")
    meta = _section(members, "_meta")
    stated = _count(meta, "page", show)
    if stated is not None and stated != number:
        raise failure(Fault.WRONG_PAGE, f"page {number} was asked for and page {stated} came: the feed ignores `page`")
    links = members.get("_links")
    return Page(
        number=number,
        items=tuple(items),
        total=_count(meta, "total", show),
        max_results=_count(meta, "max_results", show),
        has_next=bool(_section(members, "_links").get("next")) if isinstance(links, dict) else None,
        size=len(body),
        body_digest=hashlib.sha256(body).digest(),
    )


def missing_page(number: int) -> Page[Any]:
    """The page that a feed has which answers 404 for one past the end: no items, and a body without a byte."""
    return Page(number, (), None, None, None, 0, hashlib.sha256(b"").digest())


def page_count(total: int | None, size: int | None) -> int:
    """How many pages of `size` items hold `total`; 1 where either is unknown or 0."""
    return -(-total // size) if total and size else 1


def _section(members: dict[str, Any], name: str) -> dict[str, Any]:
    section = members.get(name)
    return section if isinstance(section, dict) else {}


def _count(meta: dict[str, Any], name: str, show: Show) -> int | None:
    """A whole number of `_meta`, which may come as text (feed-facts.md, Items) and with a point; None for none."""
    value = count = meta.get(name)
    if isinstance(value, str) and _COUNT.fullmatch(value):
        count = int(value.split(".")[0])
    elif isinstance(value, float) and value.is_integer():
        count = int(value)
    if count is None or (type(count) is int and 0 <= count < _TOO_MANY):
        return count
    raise failure(Fault.NOT_A_PAGE, f"`_meta.{name}` is {show(str(value), 40)!r}, which counts nothing")
