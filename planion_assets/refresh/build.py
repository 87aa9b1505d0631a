"""From the items of one endpoint of a conference to the files of its tables, one table after the other.

The files wait beside those that they are to replace. Who puts them in their places is in
`planion_assets.refresh.publish`.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.storage.store import Pieces, Provenance, StagedFile, Store
from planion_assets.tables.arrow import builder as arrow
from planion_assets.tables.model import FeedItem, Table, Zones

# Of a table that was made, bytes above which it is read back for whoever looks at it, to hold less meanwhile.
_KEPT = 4 << 20

# Conferences made into tables at once in a process: more of them hold more and are no faster.
_AT_ONCE = threading.Semaphore(2)


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """The tables to make of a conference's items, in the order of their files, each with what its file is to say.

    `counted` are the tables whose rows are to be known before any file is made, whether or not they are among those.
    `pages` is what the file of a raw table is to say of the pages that held the items (`planion.pages`).
    """

    key: ConferenceKey
    items: Sequence[FeedItem] = field(repr=False)
    zones: Zones
    tables: Sequence[tuple[Table, Provenance]]
    counted: Sequence[Table] = ()
    pages: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """The file of a table that is not in its place yet, and the table's rows where they are few enough to be kept."""

    staged: StagedFile
    data: pa.Table | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Making:
    """What becomes of an order: by name how many rows each counted table has, and the files of the ordered ones."""

    counts: Mapping[str, arrow.Counted]
    files: Iterator[BuiltFile] = field(repr=False)


@contextlib.contextmanager
def making(order: BuildPlan, store: Store) -> Iterator[Making]:
    """Count the rows, and make each file when it is asked for. Both raise OSError where the disk refuses.

    Entering waits until fewer than two conferences are being made.
    """
    with _AT_ONCE:
        yield _making(order, store)


def _making(order: BuildPlan, store: Store) -> Making:
    if not order.tables:
        return Making({}, iter(()))  # items that nobody needs are not looked at: of an unchanged feed none is parsed
    together = {table.name: table for table in (*order.counted, *(table for table, _ in order.tables))}
    builder = arrow.Builder(order.key, order.items, order.zones, together.values())
    counts = {table.name: builder.count(table) for table in order.counted}
    return Making(counts, (_made(table, provenance, order, store, builder) for table, provenance in order.tables))


def _made(table: Table, provenance: Provenance, order: BuildPlan, store: Store, builder: arrow.Builder) -> BuiltFile:
    pieces, unreadable = builder.pieces(table)
    whole = None if builder.is_large(table) else pa.concat_tables(pieces)
    data = Pieces(arrow.schema_of(table), pieces, repeats=not table.of_items) if whole is None else whole
    pages = "" if table.upstream else order.pages
    staged = store.begin(table.location, order.key, data, provenance, arrow.unreadable_json(unreadable), pages=pages)
    return BuiltFile(staged, whole if whole is not None and whole.nbytes <= _KEPT else None)
