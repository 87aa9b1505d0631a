"""What `published/` says of itself: a data package (https://datapackage.org) and a README, made from the catalog. Pure.

Belongs here: what both say of tables and columns. Which files there are is an argument.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from planion_assets.members import OWNER
from planion_assets.tables.catalog import ASSETS, OVERVIEWS
from planion_assets.tables.model import Column, TableSpec

DESCRIPTOR = "datapackage.json"
README = "README.md"

PUBLIC: tuple[TableSpec, ...] = tuple(declared for declared in (*OVERVIEWS, *ASSETS) if declared.public)
"""The tables that anybody may have."""

_TITLE = "Published conference programmes"
_DESCRIPTION = (
    "What the public may see of the conferences of Planstone's feed: published sessions, with what a programme prints "
    "of them, and published engagements of people. Identifiers are text, instants are UTC, blank is null. Text is "
    "passed on as it was written and may hold HTML."
)
_FILES = (
    "The files are Parquet: `<table>/<account>/<conference>.parquet`, one for each conference, or `<table>.parquet` "
    "for all. A table of changes has a folder for each conference with a file for each change, in their order, and one "
    "for many old ones: pass over a file whose numbers lie in the range of another's. A file is replaced whole; a name "
    "that begins with a dot is that of a file which is being written. "
    f"`{DESCRIPTOR}` tells programs the same as this page: a data package (https://datapackage.org), with the keys by "
    "which tables are joined."
)
_TYPES = {
    "string": "string",
    "bool": "boolean",
    "int32": "integer",
    "float64": "number",
    "date32": "date",
    "timestamp[us]": "datetime",
    "timestamp[us, tz=UTC]": "datetime",
}
"""The type of a field by Arrow's name of a column's."""


def descriptor(files: Mapping[str, Sequence[str]]) -> bytes:
    """The content of datapackage.json. `files` has by table the names of its files relative to `published/`, in order.

    A table without a file is left out, and so is what refers to it: a resource has at least one file.
    """
    there = [table for table in PUBLIC if files.get(table.name)]
    package = {
        "profile": "data-package",
        "name": "planion-published",
        "title": _TITLE,
        "description": _DESCRIPTION,
        "resources": [_resource(table, files[table.name], {one.name for one in there}) for table in there],
    }
    # A hundred thousand names: json would make as many pieces of text before it joins them.
    return orjson.dumps(package, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def readme() -> str:
    """The text of the README: each table with what a row is and its columns."""
    tables = "\n".join(map(_section, PUBLIC))
    return f"# {_TITLE}\n\n{_DESCRIPTION}\n\n{_FILES}\n\n{tables}"


def _section(table: TableSpec) -> str:
    found = [f"## {table.name}", "", table.description, ""]
    if table.identity is not None:
        names = ", ".join(f"`{name}`" for name in (*OWNER, *table.identity))
        found += [f"A row is told from all others by {names}.", ""]
    found += ["| Column | Type | Description |", "|---|---|---|"]
    found += [f"| `{column.name}` | {column.kind.arrow} | {column.description} |" for column in table.columns]
    return "\n".join(found) + "\n"


def _resource(table: TableSpec, files: Sequence[str], there: Iterable[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(column, table) for column in table.columns]}
    if table.identity is not None:
        schema["primaryKey"] = [*OWNER, *table.identity]
    keys = [
        {"fields": [*OWNER, *columns], "reference": {"resource": other, "fields": [*OWNER, *columns.values()]}}
        for other, columns in table.references.items()
        if other in there
    ]
    if keys:
        schema["foreignKeys"] = keys
    return {
        "profile": "data-resource",
        "name": table.name,
        "path": list(files) if len(files) > 1 else files[0],
        "description": table.description,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": schema,
    }


def _field(column: Column, table: TableSpec) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": _TYPES[column.kind.arrow], "description": column.description}
    if column.name in (*OWNER, *(table.identity or ())):
        field["constraints"] = {"required": True}
    return field
