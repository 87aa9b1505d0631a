"""Where the code of an asset is: the module that declares its table, and what makes its rows.

Places of the installed files, found without reading or importing any.
"""

import sys
import warnings
from pathlib import Path

import dagster as dg

import planion_assets
from planion_assets.tables.catalog import ASSETS, HISTORIES, OVERVIEWS
from planion_assets.tables.model import Table, TableSpec

_PACKAGE = Path(planion_assets.__file__).parent
# Of what is no function from items to rows. Named by path: their modules load pyarrow.
_MADE_IN = {history.name: "refresh/record.py" for history in HISTORIES} | {
    overview.name: "freshness/overview_files.py" for overview in OVERVIEWS
}


def code_references(table: TableSpec) -> dg.CodeReferencesMetadataValue:
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
