"""How this process uses its memory while conferences are refreshed. Knows nothing of what is held."""

import contextlib
import gc
import threading
from collections.abc import Iterator

import pyarrow as pa

# Objects made and kept before the collector looks at the young ones. Python's own 700 is less than one session has,
# and nothing that a refresh makes has cycles.
_THRESHOLD = 100_000

_lock = threading.Lock()
_users = 0
_before = contextlib.ExitStack()


@contextlib.contextmanager
def frugal() -> Iterator[None]:
    """Look for cycles rarely, and let Arrow give back to the system what it no longer uses.

    For the whole process, until the last of those that are inside has left; then both are as before the first came.
    """
    global _users  # noqa: PLW0603 - the settings are the process's
    with _lock:
        _users += 1
        if _users == 1:
            _set()
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _before.close()


def _set() -> None:
    threshold, pool = gc.get_threshold(), pa.default_memory_pool()
    _before.callback(gc.set_threshold, *threshold)
    _before.callback(pa.set_memory_pool, pool)
    gc.set_threshold(max(threshold[0], _THRESHOLD), *threshold[1:])
    pa.set_memory_pool(pa.system_memory_pool())
