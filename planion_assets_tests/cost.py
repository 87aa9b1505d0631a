"""Bounds on CPU time that hold on a machine of any speed, busy or not: in rounds of a loop that is measured beside."""

import contextlib
import time
from collections.abc import Iterator


def _loop() -> float:
    """The CPU seconds of one round: a million turns of an empty loop, some 0.02 s."""
    started = time.process_time()
    for _ in range(1_000_000):
        pass
    return time.process_time() - started


@contextlib.contextmanager
def at_most(rounds: int) -> Iterator[None]:
    """Fail where the block takes this process more CPU than so many rounds; a slower machine takes longer for both."""
    before = _loop()
    started = time.process_time()
    yield
    taken = time.process_time() - started
    assert taken < rounds * max(before, _loop())
