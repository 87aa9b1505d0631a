"""Which table a file is by what it says of itself, whatever its name."""

from planion_assets.storage.store import Provenance
from planion_assets.tables.catalog import TABLES


def other_table(provenance: Provenance) -> str | None:
    """That a file is the table whose code made it, in words for a person; None where this code knows no such table.

    Asked only of a file that the code of the table of its name has not made.
    """
    return next(
        (f"it is the table {table.name}" for table in TABLES if table.fingerprint == provenance.code_version), None
    )
