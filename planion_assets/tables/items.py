"""Which items of a snapshot become sessions or people: one per identifier, the most recently updated.

Pure; shared by every table that is made from items.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from planion_assets.tables import times, values
from planion_assets.tables.model import Column, FeedItem, Record

_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")  # of a field; `custom01` is another field than `custom1`
_NEVER = datetime.min.replace(tzinfo=UTC)


def identifier_of(content: Any, name: str) -> str | None:
    """The usable identifier of that name in an item's content; None for an item that is no object or has none."""
    if not isinstance(content, dict):
        return None
    try:
        return values.identifier(content.get(name))
    except values.Unreadable:
        return None


def raw_records(items: Iterable[FeedItem], name: str) -> Iterator[Record]:
    """A record per item for a raw table, whose identifier has that name."""
    for item in items:
        content = item.content if isinstance(item.content, dict) else {}
        yield {
            name: identifier_of(content, name),
            "digest": item.digest,
            "etag": content.get("_etag"),
            "payload": item.payload,
        }


def sessions_of(items: Iterable[FeedItem]) -> list[dict[str, Any]]:
    """The contents that count as sessions, in no promised order.

    Items without a usable `schedid` are left out (they stay in `raw_sessions`). Of several with one `schedid`,
    the newest `session_updated_at` wins, then the greater digest, then the greater payload, so that the choice never
    depends on the order in which the feed happened to send them.
    """
    return [ranked[0].content for ranked in rivals(items, "schedid").values()]


def people_of(items: Iterable[FeedItem]) -> list[dict[str, Any]]:
    """The contents that count as people, one per usable `pid`, in no promised order.

    People carry no time of change, so of several with one `pid` the greater digest wins, then the greater payload.
    """
    return [ranked[0].content for ranked in rivals(items, "pid").values()]


def rivals(items: Iterable[FeedItem], name: str) -> dict[str, list[FeedItem]]:
    """The items that have the identifier of that name, by identifier: those of different content, the best first.

    The order is that of `sessions_of`. Of items of equal content one is there.
    """
    found: dict[str, dict[str, FeedItem]] = {}
    for item in items:
        identifier = identifier_of(item.content, name)
        if identifier is None:
            continue
        same = found.setdefault(identifier, {})
        twin = same.get(item.digest)
        # Their payloads may differ in bookkeeping: the choice must not hang on the order in which they came.
        if twin is None or item.payload > twin.payload:
            same[item.digest] = item
    return {identifier: _best_first(list(same.values())) for identifier, same in found.items()}


def duplicates(items: Iterable[FeedItem], name: str) -> int:
    """How many items repeat the content of another that has the same identifier of that name."""
    known = [item for item in items if identifier_of(item.content, name) is not None]
    return len(known) - sum(len(ranked) for ranked in rivals(known, name).values())


def is_newer(item: FeedItem, other: FeedItem) -> bool:
    """Whether the item has a later `session_updated_at`; one without any is older than all others."""
    return _age(item)[0] > _age(other)[0]


def entries(record: Record, name: str) -> list[Any]:
    """The entries of a list in a record; none where the feed sent anything but a list."""
    value = record.get(name)
    return value if isinstance(value, list) else []


def sources_of(columns: Iterable[Column], *, made: frozenset[str] = frozenset({"extra"})) -> frozenset[str]:
    """The feed's keys that columns are read from.

    `made` names the columns that are not read from the feed's record, whatever members of their names it has.
    """
    return frozenset(source for column in columns if column.name not in made for source in column.source)


def without(record: Record, known: frozenset[str]) -> Record | None:
    """The members of a record that are not known; None if there are none."""
    unknown = record.keys() - known
    return {name: value for name, value in record.items() if name in unknown} if unknown else None


def numbered(record: Record, prefix: str) -> list[tuple[int, Any]]:
    """The fields `<prefix>1`, `<prefix>2`, ... of a record by number, however many the conference has."""
    return [(number, record[name]) for number, name in _numbered_names(tuple(record), prefix)]


# The sessions of a conference have the same keys, or a few sets of them.
@functools.lru_cache(maxsize=256)
def _numbered_names(names: tuple[str, ...], prefix: str) -> list[tuple[int, str]]:
    found = []
    for name in names:
        digits = name.removeprefix(prefix)
        if digits != name and _NUMBER.fullmatch(digits):
            found.append((int(digits), name))
    return sorted(found, key=lambda field: field[0])


def update_range(items: Iterable[FeedItem], zone: str) -> tuple[datetime, datetime] | None:
    """The oldest and newest `session_updated_at` (UTC) of the sessions, read in that zone; None where there is none."""
    instants = [_updated_at(content, zone) for content in sessions_of(items)]
    known = [instant for instant in instants if instant is not None]
    return (min(known), max(known)) if known else None


def _best_first(items: list[FeedItem]) -> list[FeedItem]:
    return sorted(items, key=_age, reverse=True) if len(items) > 1 else items


def _age(item: FeedItem) -> tuple[datetime, str]:
    return _updated_at(item.content, "UTC") or _NEVER, item.digest


def _updated_at(content: dict[str, Any], zone: str) -> datetime | None:
    try:
        return times.feed_instant(content.get("session_updated_at"), zone)
    except values.Unreadable:
        return None
