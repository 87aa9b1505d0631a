"""A stored raw table against itself: its snapshot is the digest of its payloads, and all else in it follows from them.

What is proven by its snapshot can be written anew from its payloads; what is not is lost, and only the feed has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from planion_assets.feed.endpoints import endpoint_of
from planion_assets.feed.item import Item, item_of, walk_digest
from planion_assets.feed.page import Page
from planion_assets.feed.spooled_items import SpooledItem, SpooledItems
from planion_assets.keys import ConferenceKey
from planion_assets.members import OWNER, member, names_owner
from planion_assets.refresh.outcomes import Content
from planion_assets.storage.file_names import table_file
from planion_assets.storage.page_digests import PageDigests
from planion_assets.storage.store import Provenance, Store
from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.fields import values
from planion_assets.tables.model import Table
from planion_assets.tables.selection import duplicates
from planion_assets.verify.derived_table import differences, other_table
from planion_assets.verify.findings import REPAIR, FindingKind, Found
from planion_assets.verify.whole_file import METADATA_CHANGED, WholeFile, read_whole

_ETAG = "_etag"
_PIECE = 500  # payloads that are held parsed at a time


class LostError(Exception):
    """The rows are not those of any snapshot that is known; the message says why."""


class StrangeError(Exception):
    """The rows are another conference's: the file is a copy of its file, or was put into the wrong place."""


class OtherCodeError(Exception):
    """The rows were made by other code, and this code cannot tell whether they are right."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """What a stored raw table holds: `content` where its payloads are proven, else None and `is_lost` or made by other
    code.

    `is_right` says that nothing in the file differs from what this code makes of the payloads.
    """

    content: Content | None = None
    provenance: Provenance | None = None
    is_lost: bool = False
    is_right: bool = False


def verify_raw(
    key: ConferenceKey, table: Table, store: Store, found: Found, remedy: str, *, known: Sequence[Table]
) -> RawTable:
    """Read the stored raw table and note what is wrong with it; `remedy` is that of a lost one.

    `known` are all tables that the conference may have, one of which the file may be.

    Raises `NotStoredError`.
    """
    name = table_file(table.location, key)
    whole, problems = read_whole(store.files, name, table, found)
    if whole is None:
        found.add(name, FindingKind.DAMAGED, problems[0], remedy, aside=True)
        return RawTable(is_lost=True)
    try:
        items = _proven(key, table, whole, problems, known)
    except (LostError, StrangeError) as error:
        kind = FindingKind.DAMAGED if isinstance(error, LostError) else FindingKind.FOREIGN
        found.add(name, kind, str(error), remedy, aside=True)
        return RawTable(is_lost=True)
    except OtherCodeError as error:
        found.add(name, FindingKind.OUTDATED, str(error), "the next refresh makes it anew")
        return RawTable(provenance=whole.footer.provenance)
    provenance = whole.footer.provenance
    assert provenance is not None  # noqa: S101 - of proven rows
    repeated = duplicates(items, table.identifier)
    note = PageDigests.of_json(whole.footer.pages)
    bodies = note.bodies if note and note.duplicate_items == repeated else ()
    digest = provenance.snapshot
    content = Content(items, digest, provenance.fetched_at, None, repeated, digest, bodies=bodies)
    is_present_code = provenance.code_version == table.fingerprint
    if is_present_code:
        problems += differences(table, whole, Builder(key, items))
        if note and not bodies:
            problems.append("what it says of the feed's pages is wrong")
    if problems:
        found.add(name, FindingKind.DAMAGED, "; ".join(problems), REPAIR)
    elif not is_present_code:
        found.add(name, FindingKind.OUTDATED, "it was made by other code", "the next refresh makes it anew")
    return RawTable(content, provenance, is_right=not problems and is_present_code)


def _proven(
    key: ConferenceKey, table: Table, whole: WholeFile, problems: Sequence[str], known: Sequence[Table]
) -> Sequence[SpooledItem]:
    """The items of the payloads, which are those of the snapshot.

    Raises `LostError`, `StrangeError` or `OtherCodeError`.
    """
    provenance = whole.footer.provenance
    if provenance is None:
        raise LostError("it does not say which snapshot it holds: it was written by another tool")
    if METADATA_CHANGED in problems:
        raise LostError(f"{METADATA_CHANGED}, so what it says of its snapshot is not to be trusted")
    rows = whole.rows
    if "payload" not in rows.column_names or rows["payload"].null_count:
        raise LostError("it has rows without a payload")
    for name, own in zip(OWNER, (key.account, key.conference), strict=True):
        if name not in rows.column_names or any(value != own for value in rows[name].to_pylist()):
            raise StrangeError(f"it holds rows of another {name}")
    is_present_code = provenance.code_version == table.fingerprint
    if not is_present_code and (other := other_table(provenance, known)):
        raise LostError(other)
    items = _items(key, table, rows, is_present_code=is_present_code)
    if walk_digest(item.digest for item in items) != provenance.snapshot:
        if not is_present_code:
            raise OtherCodeError("it was made by other code, and this one cannot tell whether it is right")
        raise LostError("its payloads are not those of the snapshot that it says it holds")
    return items


def _items(key: ConferenceKey, table: Table, rows: pa.Table, *, is_present_code: bool) -> list[SpooledItem]:
    """The payloads as the feed's items, of which no other column is trusted."""
    try:
        payloads = rows["payload"].cast(pa.string())
    except pa.ArrowException as error:
        raise LostError(f"its payloads are no text ({error})") from None
    etags = rows["etag"] if is_present_code and "etag" in rows.column_names else None
    spooled, found = SpooledItems(), list[SpooledItem]()
    for start in range(0, rows.num_rows, _PIECE):
        texts = payloads.slice(start, _PIECE).to_pylist()
        items = [_item(str(text), start + number, key) for number, text in enumerate(texts)]
        for number, etag in enumerate(etags.slice(start, _PIECE).to_pylist() if etags is not None else ()):
            if etag != _etag(items[number].member(_ETAG)):
                raise LostError(f"etag of row {start + number} is not that of its payload")
        # As the reader takes them: of an item that names no owner nobody knows whose it is.
        named = endpoint_of(table.endpoint).names_owner
        unowned = {number for number, item in enumerate(items) if named and not names_owner(item.content)}
        page = Page(1, tuple(items), None, None, None, 0, b"")
        found += spooled.add(page, [table.identifier], unowned).items
    return found


def _item(payload: str, number: int, key: ConferenceKey) -> Item:
    try:
        item = item_of(payload)
    except (ValueError, RecursionError):
        raise LostError(f"the payload of row {number} is no JSON") from None
    if isinstance(item.content, dict) and not _is_of(item.content, key):
        raise StrangeError(f"the payload of row {number} names another account or conference")
    return item


def _etag(value: Any) -> str | None:
    try:
        return values.text(value)
    except values.Unreadable:
        return None


def _is_of(content: Mapping[str, Any], key: ConferenceKey) -> bool:
    """Whether an item names no other account or conference; what was stored may name none."""
    named = zip((member(content, name) for name in OWNER), (key.account, key.conference), strict=True)
    return all(value.strip() == own for value, own in named if isinstance(value, str) and value.strip())
