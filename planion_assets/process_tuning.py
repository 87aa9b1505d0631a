"""How a process of this project uses its memory: set once, before anything large is imported."""

import contextlib
import gc
import os
from collections.abc import Iterator

# Objects made and kept before Python looks for reference cycles among the young ones. Its own 700 is less than one
# session has, and nothing that a refresh makes has cycles: looking through it takes a fifth of the time of a refresh.
_THRESHOLD = 100_000


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """Import in the block without looking for reference cycles, then or later, among what is there at its end.

    Importing Dagster makes half a million objects that stay. Looking through them takes 0.07 s of its 0.5 s, as much
    again when more is imported, and 0.3 s when the process ends. Only for a process that is the project's: the
    command, and the code location standing alone.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


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
