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
from planion_assets.tables.model import History, Table, TableSpec

_PACKAGE = Path(planion_assets.__file__).parent
# Of what is no function from items to rows. Named by path: their modules load pyarrow.
_BUILT_IN = {history.name: "refresh/record.py" for history in HISTORIES} | {
    overview.name: "freshness/overview.py" for overview in OVERVIEWS
}


def table_specs(names: Names) -> list[dg.AssetSpec]:
    """The asset spec of each table of a conference, upstream ones first."""
    return [spec_of(table, names) for table in names.tables]


def spec_of(table: TableSpec, names: Names) -> dg.AssetSpec:
    """The asset spec of a table. Skippable, because a run yields materializations for the keys that succeed."""
    of_all = table in OVERVIEWS
    metadata: dict[str, Any] = {
        "dagster/column_schema": column_schema(table),
        "dagster/table_name": table.location,
        "dagster/storage_kind": "parquet",
        "dagster/code_references": _code_references(table),
    }
    if table.upstream and not of_all:
        metadata["dagster/column_lineage"] = column_lineage(table, names)
    spec = dg.AssetSpec(
        key=names.asset_key(table.name),
        deps=[names.asset_key(upstream) for upstream in table.upstream],
        description=_description(table),
        metadata=metadata,
        skippable=True,
        group_name=names.group_name,
        code_version=table.fingerprint,
        owners=list(names.owners),
        tags=dict(names.tags),
        kinds={"python", "parquet"} | ({"api"} if not table.upstream and not of_all else set()),
        partitions_def=None if of_all else names.partitions,
    )
    return spec.with_io_manager_key(names.io_manager_key)


def column_schema(table: TableSpec) -> dg.TableSchema:
    """The table's columns with types and descriptions. A column that is the whole key is unique and never null."""
    columns = []
    for column in table.columns:
        is_key = table.key == (column.name,)
        constraints = dg.TableColumnConstraints(nullable=not is_key, unique=is_key)
        tags = {"personal": ""} if column.personal else {}
        columns.append(dg.TableColumn(column.name, column.kind.arrow, column.description, constraints, tags))
    return dg.TableSchema(columns=columns)


def column_lineage(table: TableSpec, names: Names) -> dg.TableColumnLineage:
    """Which column of an upstream table each column is read from; empty for a table of the feed's own.

    It is the column of the same name of the first that has it, else the payload of the raw table, which holds
    everything that the feed sent.
    """
    sources = {one.name: {column.name for column in one.columns} for one in catalog.upstream_of(table)}
    lineage = {}
    for column in table.columns if sources else ():
        source = next((name for name, columns in sources.items() if column.name in columns), None)
        dep = dg.TableColumnDep(names.asset_key(source or table.upstream[0]), column.name if source else "payload")
        lineage[column.name] = [dep]
    return dg.TableColumnLineage(lineage)


def _description(table: TableSpec) -> str:
    if table in OVERVIEWS:
        return f"{table.description}\n\nOne Parquet file, `{table.location}.parquet`."
    key = ", ".join(f"`{name}`" for name in table.key)
    per = "change of a conference" if isinstance(table, History) else "conference"
    return f"{table.description}\n\nOne Parquet file per {per}, sorted by {key}."


def _code_references(table: TableSpec) -> dg.CodeReferencesMetadataValue:
    """Where a table is declared, and what makes its rows: what the page of an asset links to."""
    module = table.name if table in (*ASSETS, *OVERVIEWS) else "endpoint_tables"
    declared_in = str(_PACKAGE / "tables" / f"{module}.py")
    make = (table.records or table.of_items or table.rows or table.joined) if isinstance(table, Table) else None
    path = str(sys.modules[make.__module__].__file__ if make else _PACKAGE / _BUILT_IN[table.name])
    line = make.__code__.co_firstlineno if make else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.CodeReferencesMetadataValue(
            code_references=[
                dg.LocalFileCodeReference(file_path=declared_in, label="declaration of the table"),
                dg.LocalFileCodeReference(file_path=path, line_number=line, label="what makes its rows"),
            ]
        )
