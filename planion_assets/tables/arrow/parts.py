"""Tables that are made of others, as these are stored. From items `builder.py` makes them. Pure."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.tables.arrow.arrays import make_array, values_of
from planion_assets.tables.arrow.schemas import assemble, in_order, schema_of
from planion_assets.tables.model import Publication, Record, Table


def part_of(table: Table, key: ConferenceKey, upstream: Mapping[str, pa.Table], publication: Publication) -> pa.Table:
    """The rows of a table that has `rows` or `joined`, from its upstream tables by name."""

    def column(name: str, of: str) -> list[object]:
        return values_of(upstream[name][of])

    if table.joined:
        return joined_rows(table, key, table.joined(column, publication))
    if table.rows is None:
        raise TypeError(f"{table.name} is not made of other tables")
    schema, first = schema_of(table), upstream[table.upstream[0]]
    mask = [bool(one) for one in table.rows(column, publication)]
    part = first.select(schema.names).filter(make_array(mask, pa.bool_())).cast(schema)
    for name, values in (table.replaced(column, publication, mask) if table.replaced else {}).items():
        place = schema.get_field_index(name)
        part = part.set_column(place, schema.field(place), make_array(values, schema.field(place).type))
    return in_order(table.key, part)


def joined_rows(table: Table, key: ConferenceKey, records: Sequence[Record]) -> pa.Table:
    """The rows of a table that has `joined`, from its records."""
    owned = [{**record, "account": key.account, "conference": key.conference} for record in records]
    return assemble(table, [[row[column.name] for row in owned] for column in table.columns])
