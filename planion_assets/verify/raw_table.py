"""Verifies a stored raw table against itself: its snapshot is the digest of its payloads, its rows follow from them.

A table whose payloads have that digest can be written again from them; any other is lost, and only the feed has it.
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
from planion_assets.verify.findings import NEXT_REFRESH, REPAIR, FindingKind, Found
from planion_assets.verify.whole_file import METADATA_CHANGED, WholeFile, read_whole

_ETAG = "_etag"
_PIECE = 500  # payloads that are held parsed at a time


class NotProvenError(Exception):
    """The rows are not proven to be a snapshot of the conference; the message says why.

    They are damaged, or foreign (the file is another conference's), or outdated: made by other code, so that this code
    cannot tell whether they are right.
    """

    def __init__(self, problem: str, kind: FindingKind = FindingKind.DAMAGED) -> None:
        super().__init__(problem)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class RawTable:
    """What a stored raw table holds: `content` is None where its payloads are not proven, `provenance` too if it is
    lost. `is_right` says that nothing in the file differs from what this code makes of the payloads.
    """

    content: Content | None = None
    provenance: Provenance | None = None
    is_right: bool = False


def verify_raw(
    key: ConferenceKey, table: Table, store: Store, found: Found, remedy: str, *, known: Sequence[Table]
) -> RawTable:
    """Read the stored raw table and note what is wrong with it; `remedy` is that of a lost one.

    `known` are all tables that the conference may have, one of which the file may be. Raises `NotStoredError`.
    """
    name = table_file(table.location, key)
    whole, problems = read_whole(store.files, name, table, found)
    if whole is None:
        found.add(name, FindingKind.DAMAGED, problems[0], remedy, set_aside=True)
        return RawTable()
    try:
        items, provenance = _proven(key, table, whole, problems, known)
    except NotProvenError as error:
        if error.kind is FindingKind.OUTDATED:
            found.add(name, error.kind, str(error), NEXT_REFRESH)
            return RawTable(provenance=whole.footer.provenance)
        found.add(name, error.kind, str(error), remedy, set_aside=True)
        return RawTable()
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
        found.add(name, FindingKind.OUTDATED, "it was made by other code", NEXT_REFRESH)
    return RawTable(content, provenance, is_right=not problems and is_present_code)


def _proven(
    key: ConferenceKey, table: Table, whole: WholeFile, problems: Sequence[str], known: Sequence[Table]
) -> tuple[Sequence[SpooledItem], Provenance]:
    """The items of the payloads, which are those of the snapshot that the provenance names. Raises `NotProvenError`."""
    provenance = whole.footer.provenance
    if provenance is None:
        raise NotProvenError("it does not say which snapshot it holds: it was written by another tool")
    if METADATA_CHANGED in problems:
        raise NotProvenError(f"{METADATA_CHANGED}, so what it says of its snapshot is not to be trusted")
    rows = whole.rows
    if "payload" not in rows.column_names or rows["payload"].null_count:
        raise NotProvenError("it has rows without a payload")
    for name, own in zip(OWNER, (key.account, key.conference), strict=True):
        if name not in rows.column_names or any(value != own for value in rows[name].to_pylist()):
            raise NotProvenError(f"it holds rows of another {name}", FindingKind.FOREIGN)
    is_present_code = provenance.code_version == table.fingerprint
    if not is_present_code and (other := other_table(provenance, known)):
        raise NotProvenError(other)
    items = _items(key, table, rows, is_present_code=is_present_code)
    if walk_digest(item.digest for item in items) != provenance.snapshot:
        if not is_present_code:
            problem = "it was made by other code, and this one cannot tell whether it is right"
            raise NotProvenError(problem, FindingKind.OUTDATED)
        raise NotProvenError("its payloads are not those of the snapshot that it says it holds")
    return items, provenance


def _items(key: ConferenceKey, table: Table, rows: pa.Table, *, is_present_code: bool) -> list[SpooledItem]:
    """The payloads as the feed's items; no other column is trusted. Raises `NotProvenError`."""
    try:
        payloads = rows["payload"].cast(pa.string())
    except pa.ArrowException as error:
        raise NotProvenError(f"its payloads are no text ({error})") from None
    etags = rows["etag"] if is_present_code and "etag" in rows.column_names else None
    spooled, found = SpooledItems(), list[SpooledItem]()
    for start in range(0, rows.num_rows, _PIECE):
        texts = payloads.slice(start, _PIECE).to_pylist()
        items = [_item(str(text), start + number, key) for number, text in enumerate(texts)]
        for number, etag in enumerate(etags.slice(start, _PIECE).to_pylist() if etags is not None else ()):
            if etag != _etag(items[number].member(_ETAG)):
                raise NotProvenError(f"etag of row {start + number} is not that of its payload")
        # As the reader does it: an item that names no owner has no identifier.
        named = endpoint_of(table.endpoint).names_owner
        unowned = {number for number, item in enumerate(items) if named and not names_owner(item.content)}
        page = Page(1, tuple(items), None, None, None, 0, b"")
        found += spooled.add(page, [table.identifier], unowned).items
    return found


def _item(payload: str, number: int, key: ConferenceKey) -> Item:
    try:
        item = item_of(payload)
    except (ValueError, RecursionError):
        raise NotProvenError(f"the payload of row {number} is no JSON") from None
    if isinstance(item.content, dict) and not _is_of(item.content, key):
        raise NotProvenError(f"the payload of row {number} names another account or conference", FindingKind.FOREIGN)
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
