"""How the process of one command uses its memory: set once, before anything large is imported."""

import contextlib
import gc
import os
from collections.abc import Iterator

# Objects made and kept before Python looks for reference cycles among the young ones. Its own 700 is less than one
# session has. Importing Dagster makes some hundred thousand that stay, and nothing that a refresh makes has cycles:
# looking through them over and over takes a fifth of the time of a refresh.
_THRESHOLD = 100_000


@contextlib.contextmanager
def tuned() -> Iterator[None]:
    """Look for cycles rarely, and have Arrow give back to the system what it no longer uses: 60 MiB of a refresh.

    The user's own choice of `ARROW_DEFAULT_MEMORY_POOL` stands. Arrow reads it when it is first loaded.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    threshold = gc.get_threshold()
    gc.set_threshold(max(threshold[0], _THRESHOLD), *threshold[1:])
    try:
        yield
    finally:
        gc.freeze()  # Python looks through everything once more when it ends
        gc.set_threshold(*threshold)
