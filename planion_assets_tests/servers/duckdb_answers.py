"""A program that reads tables of a bucket with DuckDB and its extensions, and writes its answers to stdout, pickled.

Its releases with extensions on PyPI are older than the one that the other tests run on, so it has a folder of its own.
Arguments: the statement that makes a secret, and the address below which the tables are; tables come on stdin.
"""

import pickle
import shutil
import sys
from pathlib import Path

import duckdb

from planion_assets_tests.readers.readers import ELSEWHERE, GLOB, read_duckdb

PACKAGES = Path(sys.prefix) / "duckdb-httpfs"
"""Where `make test-servers` installs it."""


def environment_of_duckdb(home: Path) -> dict[str, str]:
    """The variables with which a process has that DuckDB, and its extensions as if it had downloaded them."""
    for extension in PACKAGES.glob("duckdb_extension_*/extensions/v*/*.duckdb_extension"):
        folder = home / ".duckdb" / "extensions" / extension.parent.name / "linux_amd64"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(extension, folder)
    return {"HOME": str(home), "PYTHONPATH": f"{PACKAGES}:{Path(__file__).parents[2]}"}


def main(secret: str, address: str) -> None:
    """Read the tables that stdin names."""
    answers = {}
    with duckdb.connect() as connection:
        connection.execute(secret)
        connection.execute(f"SET TimeZone = '{ELSEWHERE}'")
        for table in sys.stdin.read().split():
            files = f"{address}/{table}/{GLOB}"
            answers[table] = read_duckdb(connection.sql(f"SELECT * FROM '{files}'"))  # noqa: S608 - an address of a test
    sys.stdout.buffer.write(pickle.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
