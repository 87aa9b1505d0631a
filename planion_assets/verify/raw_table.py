"""A stored raw table against itself: its snapshot is the digest of its payloads, and all else in it follows from them.

What is proven by its snapshot can be written anew from its payloads; what is not is lost, and only the feed has it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from planion_assets.feed.endpoints import ENDPOINTS
from planion_assets.feed.page import item_of
from planion_assets.feed.walk import walk_digest
from planion_assets.keys import ConferenceKey
from planion_assets.members import OWNER, member, names_owner
from planion_assets.refresh.outcomes import Content
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.page_digests import PageDigests
from planion_assets.storage.store import NotStoredError, Provenance, Store, StoreError
from planion_assets.tables.arrow import builder as arrow
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.fields import values
from planion_assets.tables.model import Table
from planion_assets.tables.selection import duplicates
from planion_assets.verify.findings import REPAIR, Found, Kind, cause
from planion_assets.verify.other_table import other_table
from planion_assets.verify.parquet import WholeFile, as_declared, difference, read_whole
from planion_assets.verify.payload_item import PayloadItem

_ETAG = "_etag"


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


def verify_raw(key: ConferenceKey, table: Table, store: Store, found: Found, remedy: str) -> RawTable:
    """Read the stored raw table and note what is wrong with it; `remedy` is that of a lost one.

    Raises `NotStoredError`.
    """
    path = store.path(table.location, key)
    try:
        whole = read_whole(path, table)
        found.files += 1
        items = _proven(key, table, whole)
    except NotStoredError:
        raise
    except StrangeError as error:
        found.add(path, Kind.FOREIGN, str(error), remedy, aside=True)
        return RawTable(is_lost=True)
    except (StoreError, LostError) as error:
        found.add(path, Kind.DAMAGED, cause(error, path), remedy, aside=True)
        return RawTable(is_lost=True)
    except OtherCodeError as error:
        found.add(path, Kind.OUTDATED, str(error), "the next refresh makes it anew")
        return RawTable(provenance=whole.footer.provenance)
    except OSError as error:
        found.add(path, Kind.DAMAGED, refusal(error), remedy, aside=True)
        return RawTable(is_lost=True)
    provenance = whole.footer.provenance
    assert provenance is not None  # noqa: S101 - of proven rows
    repeated = duplicates(items, table.identifier)
    note = PageDigests.of_json(whole.footer.pages)
    content = Content(
        items,
        provenance.snapshot,
        provenance.fetched_at,
        None,
        repeated,
        provenance.snapshot,
        bodies=note.bodies if note and note.duplicate_items == repeated else (),
    )
    problems = [*whole.problems, *_differences(key, table, whole, content)]
    if problems:
        found.add(path, Kind.DAMAGED, "; ".join(problems), REPAIR)
    elif provenance.code_version != table.fingerprint:
        found.add(path, Kind.OUTDATED, "it was made by other code", "the next refresh makes it anew")
    return RawTable(content, provenance, is_right=not problems and provenance.code_version == table.fingerprint)


def _proven(key: ConferenceKey, table: Table, whole: WholeFile) -> Sequence[PayloadItem]:
    """The items of the payloads, which are those of the snapshot.

    Raises `LostError`, `StrangeError` or `OtherCodeError`.
    """
    provenance = whole.footer.provenance
    if provenance is None:
        raise LostError("it does not say which snapshot it holds: it was written by another tool")
    if "its metadata was changed" in whole.problems:
        raise LostError("its metadata was changed, so what it says of its snapshot is not to be trusted")
    rows = _with_payload(whole.rows)
    for name, own in zip(OWNER, (key.account, key.conference), strict=True):
        if name not in rows.column_names or any(value != own for value in rows[name].to_pylist()):
            raise StrangeError(f"it holds rows of another {name}")
    is_present_code = provenance.code_version == table.fingerprint
    if not is_present_code and (other := other_table(provenance)):
        raise LostError(other)
    items = list(_items(key, table, rows, is_present_code=is_present_code))
    if walk_digest(item.digest for item in items) != provenance.snapshot:
        if not is_present_code:
            raise OtherCodeError("it was made by other code, and this one cannot tell whether it is right")
        raise LostError("its payloads are not those of the snapshot that it says it holds")
    return items


def _with_payload(rows: pa.Table) -> pa.Table:
    if "payload" not in rows.column_names or rows["payload"].null_count:
        raise LostError("it has rows without a payload")
    place = rows.column_names.index("payload")
    try:
        payload = rows["payload"].cast(pa.string())
    except pa.ArrowException as error:
        raise LostError(f"its payloads are no text ({error})") from None
    return rows.set_column(place, "payload", payload)


def _items(key: ConferenceKey, table: Table, rows: pa.Table, *, is_present_code: bool) -> Iterator[PayloadItem]:
    etags = rows["etag"].to_pylist() if is_present_code and "etag" in rows.column_names else None
    if "digest" not in rows.column_names:  # by which `stored_items` takes rows; nobody reads it
        rows = rows.append_column("digest", pa.nulls(rows.num_rows, pa.string()))
    for number, row in enumerate(stored_items(rows)):
        try:
            item = item_of(row.payload)
        except (ValueError, RecursionError):
            raise LostError(f"the payload of row {number} is no JSON") from None
        content = item.content
        members = {name: member(content, name) for name in (table.identifier, _ETAG)}
        if ENDPOINTS[table.endpoint].names_owner and not names_owner(content):
            members[table.identifier] = None  # as the reader takes it: nobody knows whose it is
        if isinstance(content, dict) and not _is_of(content, key):
            raise StrangeError(f"the payload of row {number} names another account or conference")
        if etags and etags[number] != _etag(members):
            raise LostError(f"etag of row {number} is not that of its payload")
        yield PayloadItem(item.digest, members, item.plain, row)


def _etag(members: Mapping[str, Any]) -> str | None:
    try:
        return values.text(members.get(_ETAG))
    except values.Unreadable:
        return None


def _is_of(content: Mapping[str, Any], key: ConferenceKey) -> bool:
    """Whether an item names no other account or conference; what was stored may name none."""
    named = zip((member(content, name) for name in OWNER), (key.account, key.conference), strict=True)
    return all(value.strip() == own for value, own in named if isinstance(value, str) and value.strip())


def _differences(key: ConferenceKey, table: Table, whole: WholeFile, content: Content) -> Iterator[str]:
    """How the file differs from what this code makes of its payloads."""
    if whole.footer.provenance and whole.footer.provenance.code_version != table.fingerprint:
        return
    if not as_declared(whole.footer.schema, table):
        yield "it has other columns, types or descriptions than this code gives it"
        return
    pieces, unreadable = arrow.Builder(key, content.items).pieces(table)
    if differs := difference(whole.rows, pieces):
        yield differs
    if whole.footer.unreadable != arrow.unreadable_json(unreadable):
        yield "it tells of other unreadable values than it has"
    note = PageDigests.of_json(whole.footer.pages)
    if note and note.duplicate_items != content.duplicate_items:
        yield "what it says of the feed's pages is wrong"
