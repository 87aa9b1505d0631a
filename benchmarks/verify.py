"""Whether the contest is honest: `python -m benchmarks.verify PROJECT FLOOR [OTHER]...` compares data folders.

Every value of every column of the floor's tables must be the project's; rows are compared by their table's key. The
others must have as many sessions. A process of its own, so that the bench itself stays small (`measure.py` says why).
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.tables import catalog
from planion_assets.tables.model import Table

_JSON = ("tracks", "resources")


def differences(project: Path, floor: Path) -> list[str]:
    """A line for each table of a conference that differs, and one if there is nothing to compare."""
    files = sorted(floor.glob("*/*/*.parquet"))
    lines = [line for file in files if (line := _difference(project / file.relative_to(floor), file))]
    return lines if files else [f"{floor} holds no tables"]


def missing(project: Path, other: Path) -> list[str]:
    """A line if the sessions in all files of another contender are not as many as the project's."""
    # Their files lie where each puts them, with the table's name at the beginning of a file's or folder's.
    found = {file for pattern in ("**/sessions/*.parquet", "sessions-*.parquet") for file in other.glob(pattern)}
    expected, rows = _rows(project.glob("sessions/*/*.parquet")), _rows(found)
    return [f"{other} has {rows} sessions in place of {expected}"] if rows != expected else []


def _rows(files: Iterable[Path]) -> int:
    return sum(pq.read_metadata(file).num_rows for file in files)


def _difference(ours: Path, theirs: Path) -> str | None:
    said = difference(catalog.table(theirs.parent.parent.name), pq.read_table(ours), pq.read_table(theirs))
    return said and f"{theirs} {said}"


def difference(table: Table, expected: pa.Table, found: pa.Table) -> str | None:
    """What of the columns that were found is not as expected, whatever the order of rows; None for nothing."""
    if expected.num_rows != found.num_rows:
        return f"has {found.num_rows} rows in place of {expected.num_rows}"
    expected, found = (data.sort_by([(name, "ascending") for name in table.key]) for data in (expected, found))
    for name in found.column_names:
        if _values(expected, name) != _values(found, name):
            return f"has another column {name}"
    return None


def _values(data: pa.Table, name: str) -> object:
    """A column to compare: type and values, JSON as what it says."""
    column = data.column(name)
    if name in _JSON:
        return [None if text is None else json.loads(text) for text in column.to_pylist()]
    return column.type, column.combine_chunks()


def main() -> None:
    """Compare, and exit with what differs."""
    project, floor, *others = map(Path, sys.argv[1:])
    found = differences(project, floor) + [line for other in others for line in missing(project, other)]
    if found:
        sys.exit("what others read is not what the project read:\n" + "\n".join(found))


if __name__ == "__main__":
    main()
