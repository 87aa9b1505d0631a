"""From the items of one endpoint of a conference to the files of its tables, one table after the other.

The files wait beside those that they are to replace. Who puts them in their places is in `planion_assets.shown`.
"""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.store import Begun, Pieces, Provenance, Store
from planion_assets.tables import arrow
from planion_assets.tables.model import FeedItem, Table, Zones

# Of a table that was made, bytes above which it is read back for whoever looks at it, to hold less meanwhile.
_KEPT = 4 << 20

# Conferences made into tables at once in a process: more of them hold more and are no faster.
_AT_ONCE = threading.Semaphore(2)


@dataclass(frozen=True, slots=True)
class Order:
    """The tables to make of a conference's items, in the order of their files, each with what its file is to say.

    `pages` is what the file of a raw table is to say of the pages that held the items (`planion.pages`).
    """

    key: ConferenceKey
    items: Sequence[FeedItem] = field(repr=False)
    zones: Zones
    tables: Sequence[tuple[Table, Provenance]]
    pages: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """The file of a table that is not in its place yet, and the table's rows where they are few enough to be kept."""

    begun: Begun
    data: pa.Table | None = field(repr=False)


@contextlib.contextmanager
def making(order: Order, store: Store) -> Iterator[Iterator[Made]]:
    """The ordered tables' files, each made when it is asked for, which raises OSError where the disk refuses it.

    Entering waits until fewer than two conferences are being made.
    """
    with _AT_ONCE:
        yield _files(order, store)


def _files(order: Order, store: Store) -> Iterator[Made]:
    builder = arrow.Builder(order.key, order.items, order.zones, [table for table, _ in order.tables])
    for table, provenance in order.tables:
        yield _made(table, provenance, order, store, builder)


def _made(table: Table, provenance: Provenance, order: Order, store: Store, builder: arrow.Builder) -> Made:
    pieces, unreadable = builder.pieces(table)
    whole = None if builder.is_large(table) else pa.concat_tables(pieces)
    data = Pieces(arrow.schema_of(table), pieces, repeats=not table.of_items) if whole is None else whole
    pages = "" if table.upstream else order.pages
    begun = store.begin(table.location, order.key, data, provenance, arrow.unreadable_json(unreadable), pages=pages)
    return Made(begun, whole if whole is not None and whole.nbytes <= _KEPT else None)
