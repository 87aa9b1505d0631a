"""From items to Arrow: the tables of a conference, built column by column.

Belongs here: which items a table is built from, and how many of them are parsed at a time. Schemas, spooled rows and
notes of unreadable values have modules of their own. Pure, but for the temporary files of large tables.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.members import OWNER
from planion_assets.tables import catalog, sessions, speakers
from planion_assets.tables.arrow.arrays import at_places, empty_table, make_array, repeated, values_of
from planion_assets.tables.arrow.columns import read_columns
from planion_assets.tables.arrow.parts import joined_rows, part_pieces
from planion_assets.tables.arrow.schemas import TYPES, schema_of
from planion_assets.tables.arrow.spooled_rows import Rows, grouped
from planion_assets.tables.arrow.unreadable import UnreadableValues, unreadable_values
from planion_assets.tables.fields.spellings import Spellings
from planion_assets.tables.model import (
    EVERY_ITEM,
    PEOPLE,
    Column,
    ColumnOf,
    FeedItem,
    JsonObject,
    Publication,
    Record,
    Table,
    Value,
    Zones,
)
from planion_assets.tables.selection import choose
from planion_assets.tables.shared_columns import PAYLOAD

DEFAULT_ZONES = Zones()
DEFAULT_PUBLICATION = Publication()
# By the identifier of a session and of a person, the keys that it is known to have.
_SPELLINGS = {"schedid": Spellings(sessions.KNOWN_KEYS), "pid": Spellings(speakers.KNOWN_KEYS)}
# Rows of a table that are held parsed at a time, and of one row group of a raw table.
_PIECE = 500
# Bytes of text of such a piece, which Arrow could not hold beyond two gibibytes.
_PIECE_BYTES = 64 << 20
# Rows and bytes of a row group of any other table that is not taken whole, at least. A reader wants them large: of each
# column it reads a dictionary per row group.
_PART = 8192
_PART_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Built:
    """One table of one conference, and the values that could not be read and are null in it."""

    data: pa.Table
    unreadable: tuple[UnreadableValues, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a table has, and the values that could not be read and are null in it."""

    rows: int
    unreadable: tuple[UnreadableValues, ...] = ()


class Builder:
    """Builds the tables of one conference from the items of one endpoint, each once.

    The tables `together` are built in one pass over the items, of which some at a time are held parsed. `people` are
    the rows of `speakers`, for tables that show them (`Table.shows_people`); None for nobody.
    """

    def __init__(
        self,
        key: ConferenceKey,
        items: Iterable[FeedItem],
        zones: Zones = DEFAULT_ZONES,
        together: Iterable[Table] = (),
        publication: Publication = DEFAULT_PUBLICATION,
        *,
        people: pa.Table | None = None,
    ) -> None:
        self._key = key
        self._people = empty_table(schema_of(speakers.SPEAKERS)) if people is None else people
        # In an order that is not the feed's: the notes of unreadable values must not depend on that.
        self._items = sorted(items, key=lambda item: item.digest)
        self._together = [table for table in together if table.records]
        self._zones = zones
        self._publication = publication
        self._records: dict[str, _Records] = {}

    def build(self, table: Table) -> Built:
        """The rows of the table, sorted by its key, with the schema of `schema_of`. Raises as `pieces` does."""
        pieces, unreadable = self.pieces(table)
        return Built(pa.concat_tables(pieces), unreadable)

    def is_large(self, table: Table) -> bool:
        """Whether to write the table piece by piece: a row may be a whole item, or its rows are many."""
        if table.rows:
            return self._of_records(catalog.table(table.upstream[0])).rows.num_rows > _PART
        if table.joined:
            return False
        return table.of_items is not None or self._of_records(table).rows.is_large

    def pieces(self, table: Table) -> tuple[Iterator[pa.Table], tuple[UnreadableValues, ...]]:
        """The rows of the table in their order, some at a time, and what could not be read of all of them.

        Raises OSError where the disk has no room for what does not fit into memory, or as the items do.
        """
        if table.rows:
            # Unreadable values of this table, and of one with `joined`, are noted in the upstream tables.
            whole = self._of_records(catalog.table(table.upstream[0])).rows.pieces()
            part = part_pieces(table, self._column_of(table), self._publication, whole)
            return grouped(part, _PART, _PART_BYTES), ()
        if table.of_items:
            return self._of_items(table, table.of_items)
        if table.joined:
            return iter([joined_rows(table, self._key, table.joined(self._column_of(table), self._publication))]), ()
        records = self._of_records(table)
        return grouped(records.rows.pieces(), _PART, _PART_BYTES), tuple(records.unreadable.values())

    def count(self, table: Table) -> Counted:
        """What is known of a table of sessions or people, or of a part of one, before its file is written.

        Raises as `pieces` does.
        """
        if table.rows:
            return Counted(sum(table.rows(self._column_of(table), self._publication)))
        records = self._of_records(table)
        return Counted(records.rows.num_rows, tuple(records.unreadable.values()))

    def _of_items(
        self, table: Table, of_items: Callable[[Sequence[FeedItem]], Iterable[Record]]
    ) -> tuple[Iterator[pa.Table], tuple[UnreadableValues, ...]]:
        records = list(of_items(self._items))
        columns = [column for column in table.columns if column != PAYLOAD]
        arrays, unreadable = self._columns(columns, records)
        keys = [arrays[columns.index(table.column(name))].to_pylist() for name in table.key]
        # Items that the key does not tell apart differ in bookkeeping alone: in an order that is not the feed's.
        order = _order(keys, lambda row: str(records[row]["item"].payload))

        def pieces() -> Iterator[pa.Table]:
            for rows in _portions(order, [record["item"].size for record in records]):
                payload = make_array([records[row]["item"].payload for row in rows], pa.string())
                sorted_columns = iter([column.take(make_array(rows, pa.int64())) for column in arrays])
                whole = [payload if column == PAYLOAD else next(sorted_columns) for column in table.columns]
                yield pa.Table.from_arrays(whole, schema=schema_of(table))

        return pieces(), tuple(unreadable.values())

    def _column_of(self, table: Table) -> ColumnOf:
        sources = {name: self._of_records(catalog.table(name)).rows for name in table.upstream if name != PEOPLE}
        return lambda name, column: values_of(self._people[column]) if name == PEOPLE else sources[name].column(column)

    def _of_records(self, table: Table) -> "_Records":
        if table.name not in self._records:
            self._read_items({table.name: table} | {other.name: other for other in self._together})
        return self._records[table.name]

    def _read_items(self, tables: Mapping[str, Table]) -> None:
        """Build the rows of tables of sessions, or of people, from the items that count as such."""
        built = {name: _Records(Rows(table), {}) for name, table in tables.items()}
        for identifier in {table.identifier for table in tables.values()}:
            items = choose(self._items, identifier).best
            for start in range(0, max(len(items), 1), _PIECE):
                contents = _contents(identifier, items[start : start + _PIECE])
                for name, table in tables.items():
                    if table.records and table.identifier == identifier:
                        arrays, bad = self._columns(table.columns, list(table.records(contents)))
                        _, unstored = self._columns(table.unstored, contents)
                        built[name].add(pa.Table.from_arrays(arrays, schema=schema_of(table)), bad | unstored)
        self._records |= built

    def _columns(
        self, columns: Sequence[Column], records: Sequence[Record]
    ) -> "tuple[list[pa.Array[Any]], dict[str, UnreadableValues]]":
        arrays: list[pa.Array[Any]] = []
        unreadable: dict[str, UnreadableValues] = {}
        found = read_columns([column for column in columns if column.name not in OWNER], records, self._zones)
        for column in columns:
            if column.name in OWNER:
                arrays.append(repeated(getattr(self._key, column.name), len(records)))
                continue
            cells = next(found)
            arrays.append(at_places(make_array(cells.values, TYPES[column.kind.arrow]), cells.places))
            if cells.unreadable:
                unreadable[column.name] = unreadable_values(column, cells.unreadable)
        return arrays, unreadable


@dataclass(frozen=True, slots=True)
class _Records:
    """The rows of a table that is built from records, and by column what could not be read of them."""

    rows: Rows
    unreadable: dict[str, UnreadableValues]

    def add(self, piece: pa.Table, unreadable: Mapping[str, UnreadableValues]) -> None:
        self.rows.add(piece)
        for name, bad in unreadable.items():
            self.unreadable[name] = self.unreadable[name].and_of(bad) if name in self.unreadable else bad


def build_table(table: Table, key: ConferenceKey, items: Iterable[FeedItem], zones: Zones = DEFAULT_ZONES) -> Built:
    """One table of a conference (`Builder.build`)."""
    return Builder(key, items, zones).build(table)


def _contents(identifier: str, items: Iterable[FeedItem]) -> list[JsonObject]:
    """What the `records` of tables with that identifier are given of some items."""
    if identifier == EVERY_ITEM:
        return [{"digest": item.digest, "content": item.content} for item in items]
    return [_SPELLINGS[identifier].exact(item.content) for item in items]


def _portions(order: Sequence[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    """The rows some at a time, `_PIECE_BYTES` at most unless a single row has more; at least one portion."""
    portion: list[int] = []
    size = 0
    for row in order:
        if len(portion) == _PIECE or (portion and size + sizes[row] > _PIECE_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(row)
        size += sizes[row]
    if portion or not order:
        yield portion


def _order(keys: Sequence[Sequence[Value]], or_else: Callable[[int], str]) -> list[int]:
    """The places of rows when they are sorted by their keys, nulls last; rows with equal keys by `or_else`."""
    ranks = list(zip(*([(value is None, value or "") for value in column] for column in keys), strict=True))
    order = sorted(range(len(ranks)), key=ranks.__getitem__)
    tied = (list(rows) for _, rows in itertools.groupby(order, ranks.__getitem__))
    return [row for rows in tied for row in (sorted(rows, key=or_else) if len(rows) > 1 else rows)]
