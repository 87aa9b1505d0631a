"""Items between the answer and the tables: their text in a file without a name, little else in memory."""

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from planion_assets.feed.item import Item
from planion_assets.feed.page import Page
from planion_assets.members import member
from planion_assets.spool import Spool

# A conference of a few hundred sessions is not written to a disk at all.
_IN_MEMORY = 8 << 20


@dataclass(frozen=True, slots=True)
class SpooledItem:
    """An item whose text is read, and parsed, each time it is asked for.

    `size` is that of the text in bytes. `members` holds those that tell items apart.
    """

    digest: str
    members: Mapping[str, Any] = field(repr=False)
    _text: Spool = field(repr=False, compare=False)
    _start: int
    size: int

    @property
    def payload(self) -> str:
        """The item's JSON text, character by character as it came. Raises OSError."""
        return self._text.read(self._start, self.size).decode()

    @property
    def content(self) -> Any:
        """The item's JSON value, parsed. Raises OSError."""
        return json.loads(self._text.read(self._start, self.size))

    def member(self, name: str) -> Any:
        """A member of the content, whatever the letter case of its key; None where there is none. Raises OSError."""
        return self.members[name] if name in self.members else member(self.content, name)


class SpooledItems:
    """The items of pages: their text in memory up to eight mebibytes, then in a file that is gone with the last item.

    A page that has changed from one walk to the next is added again: no more than as often as a conference is walked.
    """

    def __init__(self) -> None:
        self._text = Spool(_IN_MEMORY)
        self._pages: dict[int, Page[SpooledItem]] = {}

    def page(self, number: int, body_digest: bytes) -> Page[SpooledItem] | None:
        """The page that was added last with that number, if its body has that SHA-256."""
        page = self._pages.get(number)
        return page if page and page.body_digest == body_digest else None

    def add(self, page: Page[Item], members: Iterable[str], unowned: Container[int] = ()) -> Page[SpooledItem]:
        """The page with its items spooled but for those members. Raises OSError where the disk has no room.

        The items at the places `unowned` (from 0) have none of them: nobody knows whose they are.
        """
        texts = [item.payload.encode() for item in page.items]
        start = self._text.append(b"".join(texts))
        items = []
        for place, (item, text) in enumerate(zip(page.items, texts, strict=True)):
            found = {name: None if place in unowned else item.member(name) for name in members}
            items.append(SpooledItem(item.digest, found, self._text, start, len(text)))
            start += len(text)
        spooled = Page(
            page.number, tuple(items), page.total, page.max_results, page.has_next, page.size, page.body_digest
        )
        self._pages[page.number] = spooled
        return spooled
