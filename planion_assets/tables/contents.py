"""The contents of the items that count as sessions or as people, as records of the tables are made from them.

Belongs here: which keys a session and a person are known to have. Which items count is in `items.py`. Pure.
"""

from collections.abc import Iterable

from planion_assets.tables.fields.spellings import Spellings
from planion_assets.tables.model import FeedItem, JsonObject
from planion_assets.tables.selection import sources_of
from planion_assets.tables.sessions import BOOKKEEPING, ELSEWHERE, SESSIONS
from planion_assets.tables.speakers import SPEAKERS

_SPELLINGS = {
    SESSIONS.identifier: Spellings(ELSEWHERE | sources_of(SESSIONS.columns)),
    SPEAKERS.identifier: Spellings(BOOKKEEPING | sources_of(SPEAKERS.columns)),
}


def contents_of(items: Iterable[FeedItem], identifier: str) -> list[JsonObject]:
    """The contents of items that have an identifier of that name, with the known keys as the contract writes them."""
    spellings = _SPELLINGS[identifier]
    return [spellings.exact(item.content) for item in items]
