"""Which items of a snapshot become sessions or people: one per identifier, the most recently updated.

Pure; shared by every table that is made from items.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from planion_assets.members import is_blank, member
from planion_assets.tables.fields import instants, values
from planion_assets.tables.model import Column, FeedItem, JsonObject, Record, Table
from planion_assets.tables.shared_columns import DIGEST, ETAG, OWNER_COLUMNS, PAYLOAD

_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")  # of a field; `custom01` is another field than `custom1`
_NEVER = datetime.min.replace(tzinfo=UTC)


def identifier_of(item: FeedItem, name: str) -> str | None:
    """The usable identifier of that name of an item; None for an item that is no object or has none."""
    return values.readable(values.identifier, item.member(name))


def raw_table_of(identified: Column, **declared: Any) -> Table:
    """A raw table: a row for each item of a snapshot, exactly as the feed sent it, told apart by that column."""
    columns = (*OWNER_COLUMNS, identified, DIGEST, ETAG, PAYLOAD)
    order = (identified.name, "digest", "etag")
    (name,) = identified.source

    def records(items: Sequence[FeedItem]) -> Iterator[Record]:
        for item in items:
            yield {name: identifier_of(item, name), "digest": item.digest, "etag": item.member("_etag"), "item": item}

    return Table(columns=columns, key=order, preview=order, upstream=(), of_items=records, **declared)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of a conference's items count as sessions or people: of those with one identifier, one.

    `ranked` holds by identifier the items of different content, the best first: that one counts. `nameless` are the
    items without a usable identifier, `duplicates` how many repeat the content of another with the same identifier.
    """

    ranked: Mapping[str, Sequence[FeedItem]]
    nameless: Sequence[FeedItem]
    duplicates: int

    @property
    def best(self) -> list[FeedItem]:
        """The items that count, in the order of their identifiers."""
        return [self.ranked[identifier][0] for identifier in sorted(self.ranked)]


def choose(items: Iterable[FeedItem], name: str) -> Selection:
    """Choose by the identifier of that name, so that the choice never depends on the order in which items came.

    Without a name (`EVERY_ITEM`) it is the digest of the content, so that all of different content count.

    The newest `session_updated_at` wins, then the greater digest: people carry no time of change. Of items of equal
    content, whose payloads may differ in bookkeeping, it is the one with the greater payload.
    """
    found: dict[str, dict[str, FeedItem]] = {}
    nameless: list[FeedItem] = []
    duplicates = 0
    for item in items:
        identifier = identifier_of(item, name) if name else item.digest
        if identifier is None:
            nameless.append(item)
            continue
        same = found.setdefault(identifier, {})
        twin = same.get(item.digest)
        duplicates += twin is not None
        if twin is None or item.payload > twin.payload:
            same[item.digest] = item
    ranked = {identifier: _best_first(list(same.values())) for identifier, same in found.items()}
    return Selection(ranked, nameless, duplicates)


def duplicates(items: Iterable[FeedItem], name: str) -> int:
    """How many items repeat the content of another that has the same identifier of that name."""
    return choose(items, name).duplicates


def is_newer(item: FeedItem, other: FeedItem) -> bool:
    """Whether the item has a later `session_updated_at`; one without any is older than all others."""
    return _age(item)[0] > _age(other)[0]


def sources_of(columns: Iterable[Column], *, computed: frozenset[str] = frozenset({"extra"})) -> frozenset[str]:
    """The feed's keys that columns are read from.

    `computed` names the columns that are not read from the feed's record, whatever members of their names it has.
    """
    return frozenset(source for column in columns if column.name not in computed for source in column.source)


def with_extra(record: JsonObject, known: frozenset[str]) -> JsonObject:
    """A record with its members that are not `known` as its member `extra`; the record itself where there are none."""
    if known.issuperset(record):
        return record
    return {**record, "extra": {key: value for key, value in record.items() if key not in known}}


def numbered(
    records: Sequence[JsonObject], prefix: str, suffix: str = "", *, filled: bool = False
) -> Iterator[tuple[JsonObject, int, Any]]:
    """The fields `<prefix>1<suffix>`, `<prefix>2<suffix>`, ... of each record by number, however many there are.

    With `filled` those that are blank are left out.
    """
    digits = {
        name: name.removeprefix(prefix).removesuffix(suffix)
        for name in set().union(*records)
        if name.startswith(prefix) and name.endswith(suffix)
    }
    names = sorted((int(number), name) for name, number in digits.items() if _NUMBER.fullmatch(number))
    for record in records:
        for number, name in names:
            if name in record:
                value = record[name]
                if not filled or not is_blank(value):
                    yield record, number, value


def update_range(items: Iterable[FeedItem], zone: str) -> tuple[datetime, datetime] | None:
    """The oldest and newest `session_updated_at` (UTC) of the sessions, read in that zone; None where there is none."""
    instants = [_updated_at(item.content, zone) for item in choose(items, "schedid").best]
    known = [instant for instant in instants if instant is not None]
    return (min(known), max(known)) if known else None


def _best_first(items: list[FeedItem]) -> list[FeedItem]:
    # One alone is not parsed for its age.
    return sorted(items, key=_age, reverse=True) if len(items) > 1 else items


def _age(item: FeedItem) -> tuple[datetime, str]:
    return _updated_at(item.content, "UTC") or _NEVER, item.digest


def _updated_at(content: JsonObject, zone: str) -> datetime | None:
    return values.readable(instants.feed_instant, member(content, "session_updated_at"), zone)
