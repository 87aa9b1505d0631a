"""An asset spec per table and history of the catalog: keys, dependencies, documentation, column schema and lineage."""

import sys
import warnings
from pathlib import Path
from typing import Any

import dagster as dg

import planion_assets
from planion_assets.defs.names import Names
from planion_assets.tables import catalog
from planion_assets.tables.catalog import ASSETS, HISTORIES, OVERVIEWS
from planion_assets.tables.model import Column, History, Table, TableSpec

_PACKAGE = Path(planion_assets.__file__).parent
# Of what is no function from items to rows. Named by path: their modules load pyarrow.
_MADE_IN = {history.name: "refresh/record.py" for history in HISTORIES} | {
    overview.name: "freshness/overview.py" for overview in OVERVIEWS
}


def table_specs(names: Names) -> list[dg.AssetSpec]:
    """The asset spec of each table of a conference, upstream ones first."""
    return [spec_of(table, names) for table in names.tables]


def spec_of(table: TableSpec, names: Names) -> dg.AssetSpec:
    """The asset spec of a table. Skippable, because a run yields materializations for the keys that succeed."""
    of_all = table in OVERVIEWS
    spec = dg.AssetSpec(
        key=names.asset_key(table.name),
        deps=[names.asset_key(upstream) for upstream in table.upstream],
        description=_description(table),
        metadata=_metadata(table, names),
        skippable=True,
        group_name=names.group_name,
        code_version=table.fingerprint,
        owners=list(names.owners),
        tags=dict(names.tags),
        kinds={"python", "parquet"} | ({"api"} if not table.upstream and not of_all else set()),
        partitions_def=None if of_all else names.partitions,
    )
    return spec.with_io_manager_key(names.io_manager_key)


def _metadata(table: TableSpec, names: Names) -> dict[str, Any]:
    """What Dagster shows of the asset at any time: schema, lineage, where the table is stored and as what, its code."""
    metadata: dict[str, Any] = {
        "dagster/column_schema": column_schema(table),
        "dagster/table_name": table.location,
        "dagster/storage_kind": "parquet",
        "dagster/code_references": _code_references(table),
    }
    return metadata | (
        {"dagster/column_lineage": column_lineage(table, names)} if table in names.tables and table.upstream else {}
    )


def column_schema(table: TableSpec) -> dg.TableSchema:
    """The table's columns as Dagster shows them, with types and descriptions."""
    return dg.TableSchema(columns=[_column(column, table) for column in table.columns])


def column_lineage(table: TableSpec, names: Names) -> dg.TableColumnLineage:
    """Which column of an upstream table each column is read from; empty for a table of the feed's own.

    It is the column of the same name of the first that has it or, in a raw table, the payload: everything that the feed
    sent is in there.
    """
    if not table.upstream:
        return dg.TableColumnLineage({})
    sources = {one.name: {column.name for column in one.columns} for one in catalog.upstream_of(table)}
    found = {
        column.name: next((name for name, columns in sources.items() if column.name in columns), None)
        for column in table.columns
    }
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(names.asset_key(source or table.upstream[0]), column if source else "payload")]
            for column, source in found.items()
        }
    )


def _column(column: Column, table: TableSpec) -> dg.TableColumn:
    tags = {"personal": ""} if column.personal else {}
    unique = table.key == (column.name,)
    constraints = dg.TableColumnConstraints(nullable=not unique, unique=unique)
    return dg.TableColumn(column.name, column.kind.arrow, column.description, constraints, tags)


def _description(table: TableSpec) -> str:
    if table in OVERVIEWS:
        return f"{table.description}\n\nOne Parquet file, `{table.location}.parquet`."
    key = ", ".join(f"`{name}`" for name in table.key)
    per = "change of a conference" if isinstance(table, History) else "conference"
    return f"{table.description}\n\nOne Parquet file per {per}, sorted by {key}."


def _code_references(table: TableSpec) -> dg.CodeReferencesMetadataValue:
    """The references of a table's asset."""
    with warnings.catch_warnings():
        # In beta: what the page of an asset links to.
        warnings.simplefilter("ignore", dg.BetaWarning)
        module = table.name if table in (*ASSETS, *OVERVIEWS) else "endpoint_tables"
        declaration = dg.LocalFileCodeReference(
            file_path=str(_PACKAGE / "tables" / f"{module}.py"), label="declaration of the table"
        )
        return dg.CodeReferencesMetadataValue(code_references=[declaration, _rows(table)])


def _rows(table: TableSpec) -> dg.LocalFileCodeReference:
    make = (table.records or table.of_items or table.rows or table.joined) if isinstance(table, Table) else None
    if make is None:
        path, line = str(_PACKAGE / _MADE_IN[table.name]), None
    else:
        path, line = str(sys.modules[make.__module__].__file__), make.__code__.co_firstlineno
    return dg.LocalFileCodeReference(file_path=path, line_number=line, label="what makes its rows")
