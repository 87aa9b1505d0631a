"""How this process uses its memory while conferences are refreshed. Knows nothing of what is held."""

import contextlib
import gc
from collections.abc import Iterator

import pyarrow as pa

# Objects made and kept before the collector looks at the young ones. Python's own 700 is less than one session has,
# and nothing that a refresh makes has cycles.
_THRESHOLD = 100_000


@contextlib.contextmanager
def frugal() -> Iterator[None]:
    """Look for cycles rarely, and let Arrow give back to the system what it no longer uses.

    For the whole process until the end; afterwards both are as they were.
    """
    threshold, pool = gc.get_threshold(), pa.default_memory_pool()
    gc.set_threshold(max(threshold[0], _THRESHOLD), *threshold[1:])
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(pool)
        gc.set_threshold(*threshold)
