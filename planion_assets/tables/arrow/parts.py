"""Tables that are a part of others, made from these as they are stored. From items `builder.py` makes them. Pure."""

from collections.abc import Mapping

import pyarrow as pa

from planion_assets.tables.arrow.arrays import make_array, values_of
from planion_assets.tables.arrow.schemas import in_order, schema_of
from planion_assets.tables.model import Publication, Table


def part_of(table: Table, upstream: Mapping[str, pa.Table], publication: Publication) -> pa.Table:
    """The rows of a table that has `rows`, from its upstream tables by name."""
    schema, first = schema_of(table), upstream[table.upstream[0]]
    if table.rows is None:
        raise TypeError(f"{table.name} is no part of a table")

    def column(name: str, of: str) -> list[object]:
        return values_of(upstream[name][of])

    mask = [bool(one) for one in table.rows(column, publication)]
    part = first.select(schema.names).filter(make_array(mask, pa.bool_())).cast(schema)
    for name, values in (table.replaced(column, publication, mask) if table.replaced else {}).items():
        place = schema.get_field_index(name)
        part = part.set_column(place, schema.field(place), make_array(values, schema.field(place).type))
    return in_order(table.key, part)
