"""Whether the floor is honest: `python -m benchmarks.verify PROJECT FLOOR` compares the tables of two data folders.

Every value of every column of the floor's tables must be the project's; rows are compared by their table's key.
A process of its own, so that the bench itself stays small (`measure.py` says why).
"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.tables import catalog

_JSON = ("tracks", "resources")


def differences(project: Path, floor: Path) -> list[str]:
    """A line for each table of a conference that differs, and one if there is nothing to compare."""
    files = sorted(floor.glob("*/*/*.parquet"))
    lines = [line for file in files if (line := _difference(project / file.relative_to(floor), file))]
    return lines if files else [f"{floor} holds no tables"]


def _difference(ours: Path, theirs: Path) -> str | None:
    table = catalog.table(theirs.parent.parent.name)
    expected, found = pq.read_table(ours), pq.read_table(theirs)
    if expected.num_rows != found.num_rows:
        return f"{theirs} has {found.num_rows} rows in place of {expected.num_rows}"
    expected, found = (data.sort_by([(name, "ascending") for name in table.key]) for data in (expected, found))
    for name in found.column_names:
        if _values(expected, name) != _values(found, name):
            return f"{theirs}: column {name} differs"
    return None


def _values(data: pa.Table, name: str) -> object:
    """A column to compare: type and values, JSON as what it says."""
    column = data.column(name)
    if name in _JSON:
        return [None if text is None else json.loads(text) for text in column.to_pylist()]
    return column.type, column.combine_chunks()


def main() -> None:
    """Compare, and exit with what differs."""
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    if found:
        sys.exit("the floor's tables are not the project's:\n" + "\n".join(found))


if __name__ == "__main__":
    main()
