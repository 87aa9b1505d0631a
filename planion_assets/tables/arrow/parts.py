"""Tables whose rows come from other tables, whether those are being built or are stored. Pure."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.tables.arrow.arrays import make_array, values_of
from planion_assets.tables.arrow.schemas import assemble, in_order, schema_of
from planion_assets.tables.model import ColumnOf, Publication, Record, Table


def part_of(table: Table, key: ConferenceKey, upstream: Mapping[str, pa.Table], publication: Publication) -> pa.Table:
    """The rows of a table that has `rows` or `joined`, from its upstream tables by name."""

    def column(name: str, of: str) -> list[object]:
        return values_of(upstream[name][of])

    if table.joined:
        return joined_rows(table, key, table.joined(column, publication))
    pieces = part_pieces(table, column, publication, [upstream[table.upstream[0]]])
    return in_order(table.key, pa.concat_tables(pieces))


def part_pieces(
    table: Table, column: ColumnOf, publication: Publication, pieces: Iterable[pa.Table]
) -> Iterator[pa.Table]:
    """The rows of a table that has `rows`, as many pieces as there are of its first upstream table, in their order."""
    if table.rows is None:
        raise TypeError(f"{table.name} is not made of other tables")
    schema, mask = schema_of(table), list(map(bool, table.rows(column, publication)))
    replaced = table.replaced(column, publication, mask) if table.replaced else {}
    values = {schema.get_field_index(name): iter(cells) for name, cells in replaced.items()}
    start = 0
    for piece in pieces:
        wanted = make_array(mask[start : start + piece.num_rows], pa.bool_())
        part = piece.select(schema.names).filter(wanted).cast(schema)
        for place, cells in values.items():
            field = schema.field(place)
            part = part.set_column(place, field, make_array(list(itertools.islice(cells, part.num_rows)), field.type))
        yield part
        start += piece.num_rows


def joined_rows(table: Table, key: ConferenceKey, records: Sequence[Record]) -> pa.Table:
    """The rows of a table that has `joined`, from its records."""
    owned = [{**record, "account": key.account, "conference": key.conference} for record in records]
    return assemble(table, [[row[column.name] for row in owned] for column in table.columns])
