"""The code location: what lies below `defs`."""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that Dagster is given."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
