"""The rows of one table while it is built: few of them in memory, many spooled to the disk.

Belongs here: where rows wait, and how they come to be in the order of their table's key without being in memory all
at once. Which rows a table has is not known here.
"""

import bisect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from planion_assets.spool import Spool
from planion_assets.tables.arrow.arrays import empty_table, make_array, values_of
from planion_assets.tables.arrow.schemas import in_order, order_of, schema_of
from planion_assets.tables.model import TableSpec

# Bytes of Arrow that one table has in memory. A conference of a thousand sessions is not written to a disk at all.
_IN_MEMORY = 2 << 20
# Rows that are sorted at a time, of a table that does not come in its order.
_SORTED = 16_384
# Rows of a table up to which a column that was asked for stays in memory: the parts of the table ask for the same ones.
_CACHED = 50_000

_Rank = tuple[tuple[bool, Any], ...]


class Rows:
    """Takes the rows of a table some at a time, and gives them back, sorted by the table's key, some at a time.

    Every method raises OSError where the disk refuses.
    """

    def __init__(self, table: TableSpec) -> None:
        self._table = table
        self._pieces = _Pieces(schema_of(table))
        self._last: _Rank | None = None
        self._ordered = True
        self._columns: dict[str, list[Any]] = {}
        self.num_rows = 0

    @property
    def is_large(self) -> bool:
        """Whether some of the rows are on the disk, so that they should not be taken all at once."""
        return self._pieces.is_spooled

    def add(self, piece: pa.Table) -> None:
        """Take some more rows, in any order."""
        if not piece.num_rows:
            return
        if self._ordered:
            piece = in_order(self._table.key, piece)
            first, last = (self._rank(piece, row) for row in (0, piece.num_rows - 1))
            self._ordered = self._last is None or self._last <= first
            self._last = last
        self.num_rows += piece.num_rows
        self._pieces.append(piece)
        self._columns.clear()

    def pieces(self) -> Iterator[pa.Table]:
        """Some rows at a time, however many; of a table without rows that table, once."""
        self._order()
        yield from self._pieces
        if not self.num_rows:
            yield empty_table(schema_of(self._table))

    def column(self, name: str) -> list[Any]:
        """The values of a column, of all rows."""
        if name in self._columns:
            return self._columns[name]
        self._order()
        values = [value for piece in self._pieces for value in values_of(piece[name])]
        if self.num_rows <= _CACHED:
            self._columns[name] = values
        return values

    def _order(self) -> None:
        """Bring the rows into the table's order where they have not come in it."""
        if self._ordered:
            return
        ordered = Rows(self._table)
        if self.num_rows <= _SORTED:
            ordered.add(pa.concat_tables(self._pieces))
        else:
            order = order_of(self._table.key, self._keys())
            for start in range(0, self.num_rows, _SORTED):
                places: list[Any] = order.slice(start, _SORTED).to_pylist()
                ordered.add(pa.concat_tables(self._at(sorted(places))))
        self._pieces, self._ordered = ordered._pieces, True

    def _keys(self) -> pa.Table:
        """The columns of the key, as copies: a column that was read keeps all others of its piece in memory."""
        names = list(self._table.key)
        schema = pa.schema([schema_of(self._table).field(name) for name in names])
        copies = [batch.serialize() for piece in self._pieces for batch in piece.select(names).to_batches()]
        return pa.Table.from_batches([pa.ipc.read_record_batch(copy, schema) for copy in copies])

    def _at(self, places: Sequence[int]) -> Iterator[pa.Table]:
        """The rows of those places, which are in order."""
        begin = 0
        for piece in self._pieces:
            end = begin + piece.num_rows
            here = places[bisect.bisect_left(places, begin) : bisect.bisect_left(places, end)]
            if here:
                yield piece.take(make_array([place - begin for place in here], pa.int64()))
            begin = end

    def _rank(self, piece: pa.Table, row: int) -> _Rank:
        """What rows are compared by, as Arrow's sort does: nulls last."""
        key = (piece[name][row].as_py() for name in self._table.key)
        return tuple((value is None, value) for value in key)


def grouped(pieces: Iterable[pa.Table], rows: int, size: int) -> Iterator[pa.Table]:
    """The rows of all pieces, at least `rows` and `size` bytes at a time, the last ones fewer; of none one table."""
    group: list[pa.Table] = []
    counted = weighed = yielded = 0
    for piece in pieces:
        group.append(piece)
        counted += piece.num_rows
        weighed += piece.get_total_buffer_size()
        if counted >= rows and weighed >= size:
            yield pa.concat_tables(group)
            group, counted, weighed, yielded = [], 0, 0, yielded + 1
    if counted or (group and not yielded):
        yield pa.concat_tables(group)


class _Pieces:
    """Rows as they were appended.

    What fills the memory is spooled as messages of Arrow's IPC. They are read and not mapped: the pages of a mapped
    file are memory too.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._spool: Spool | None = None
        self._messages: list[tuple[int, int]] = []
        self._in_memory: list[pa.Table] = []
        self._bytes = 0

    @property
    def is_spooled(self) -> bool:
        """Whether any are on the disk."""
        return self._spool is not None

    def append(self, piece: pa.Table) -> None:
        """Take some rows."""
        self._in_memory.append(piece)
        self._bytes += piece.get_total_buffer_size()
        if self._bytes > _IN_MEMORY:
            self._spool = self._spool or Spool(1)
            batches = (batch for piece in self._in_memory for batch in piece.combine_chunks().to_batches())
            for message in (batch.serialize() for batch in batches):
                self._messages.append((self._spool.append(message), message.size))
            self._in_memory, self._bytes = [], 0

    def __iter__(self) -> Iterator[pa.Table]:
        """The rows as they came."""
        if self._spool:
            for start, size in self._messages:
                message = pa.py_buffer(self._spool.read(start, size))
                yield pa.Table.from_batches([pa.ipc.read_record_batch(message, self._schema)])
        yield from self._in_memory
