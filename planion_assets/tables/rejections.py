"""Which items of an endpoint count as no session or person, and why; shared by the tables of rejected items."""

from collections.abc import Iterator, Sequence
from typing import Any

from planion_assets.members import member
from planion_assets.tables.fields import values
from planion_assets.tables.model import READ_IDENTIFIER, TEXT, Column, FeedItem, Record, Table
from planion_assets.tables.selection import choose, is_newer
from planion_assets.tables.shared_columns import DIGEST, OWNER_COLUMNS, PAYLOAD

NO_OBJECT = "not an object"
NO_OWNER = "no account or conference"


def no_usable(identifier: str) -> str:
    """The reason of an object that has no usable identifier of that name."""
    return f"no usable {identifier}"


def outdated(identifier: str) -> str:
    """The reason of an item that another with the same identifier is newer than."""
    return f"lost to a newer item of the same {identifier}"


def tied(identifier: str) -> str:
    """The reason of an item that lost its identifier to another, though that is no newer."""
    return f"lost to another item of the same {identifier}, neither being newer"


def rejected_table(identifier: str, what: str, reasons: Sequence[str], **declared: Any) -> Table:
    """The table of the items of an endpoint that are no `what`, a session or a person, for one of the reasons."""
    columns = (
        *OWNER_COLUMNS,
        Column.named("reason", TEXT, f"Why the item is no {what}: {'; '.join(reasons)}."),
        Column.named(identifier, READ_IDENTIFIER, f"The `{identifier}` of the item; null for one that has none."),
        DIGEST,
        PAYLOAD,
    )
    order = ("reason", identifier, "digest")

    def records(items: Sequence[FeedItem]) -> Iterator[Record]:
        return _rejections(items, identifier)

    return Table(columns=columns, key=order, preview=order, of_items=records, identifier=identifier, **declared)


def _rejections(items: Sequence[FeedItem], identifier: str) -> Iterator[Record]:
    """A record for each item that is rejected, with the reason; none for one that repeats another's content."""
    selection = choose(items, identifier)
    for item in selection.nameless:
        yield {**_reason(item, identifier), "digest": item.digest, "item": item}
    for name, (winner, *losers) in selection.ranked.items():
        for loser in losers:
            reason = outdated(identifier) if is_newer(winner, loser) else tied(identifier)
            yield {"reason": reason, identifier: name, "digest": loser.digest, "item": loser}


def _reason(item: FeedItem, identifier: str) -> Record:
    """Why an item has no identifier, with the one that it would have."""
    content = item.content
    if not isinstance(content, dict):
        return {"reason": NO_OBJECT}
    name = values.readable(values.identifier, member(content, identifier))
    # The reader takes the identifier from an item that does not say whose it is, and from no other.
    return {"reason": NO_OWNER, identifier: name} if name else {"reason": no_usable(identifier)}
