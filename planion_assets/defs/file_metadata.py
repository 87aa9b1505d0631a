"""Metadata of a stored file: its path, URI and size, under Dagster's standard keys."""

from pathlib import Path
from typing import Any

import dagster as dg


def file_metadata(address: str, size: int) -> dict[str, Any]:
    """Metadata of a file of that many bytes: its address for tools, its path for a person to copy."""
    uri = address if "://" in address else Path(address).absolute().as_uri()
    return {"path": dg.MetadataValue.path(address), "dagster/uri": uri, "dagster/size_bytes": size}
