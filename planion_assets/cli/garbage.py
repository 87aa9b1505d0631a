"""Keeping Python's search for garbage away from what a process keeps for as long as it runs.

Importing Dagster makes some hundred thousand objects that stay. Looking through all of them while they are made, and
once more at the end, takes as long as the imports.
"""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Search for no garbage meanwhile, and never among the objects that are there at the end of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
