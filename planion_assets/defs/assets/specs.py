"""An asset spec per table and history of the catalog: keys, dependencies, documentation, column schema and lineage.

What a run adds to a materialization is in `planion_assets.defs.events.metadata`.
"""

import dagster as dg

from planion_assets.defs.partitions import conferences
from planion_assets.tables import catalog
from planion_assets.tables.model import Column, History, TableSpec

GROUP = "planion"
OWNER = "team:data"


def spec_of(table: TableSpec) -> dg.AssetSpec:
    """The asset spec of a table. Skippable, because a run yields materializations for the keys that succeed."""
    return dg.AssetSpec(
        key=table.name,
        deps=list(table.upstream),
        description=_description(table),
        metadata=_metadata(table),
        skippable=True,
        group_name=GROUP,
        code_version=table.fingerprint,
        owners=[OWNER],
        kinds={"python", "parquet"} | ({"api"} if not table.upstream else set()),
        partitions_def=conferences,
    )


def _metadata(table: TableSpec) -> dict[str, dg.TableSchema | dg.TableColumnLineage]:
    schema = {"dagster/column_schema": column_schema(table)}
    return schema | {"dagster/column_lineage": column_lineage(table)} if table.upstream else {**schema}


def column_schema(table: TableSpec) -> dg.TableSchema:
    """The table's columns as Dagster shows them, with types and descriptions."""
    return dg.TableSchema(columns=[_column(column, table) for column in table.columns])


def column_lineage(table: TableSpec) -> dg.TableColumnLineage:
    """Which column of the first upstream table each column is read from; empty for a table of the feed's own.

    It is the column of the same name or, in a raw table, the payload: everything that the feed sent is in there.
    """
    if not table.upstream:
        return dg.TableColumnLineage({})
    source = catalog.table(table.upstream[0])
    names = {column.name for column in source.columns}
    return dg.TableColumnLineage(
        {
            column.name: [dg.TableColumnDep(source.name, column.name if column.name in names else "payload")]
            for column in table.columns
        }
    )


def _column(column: Column, table: TableSpec) -> dg.TableColumn:
    tags = {"personal": ""} if column.personal else {}
    unique = table.key == (column.name,)
    constraints = dg.TableColumnConstraints(nullable=not unique, unique=unique)
    return dg.TableColumn(column.name, column.kind.arrow, column.description, constraints, tags)


def _description(table: TableSpec) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    per = "change of a conference" if isinstance(table, History) else "conference"
    return f"{table.description}\n\nOne Parquet file per {per}, sorted by {key}."


SPECS: tuple[dg.AssetSpec, ...] = tuple(spec_of(table) for table in catalog.ASSETS)
