"""Bounds on CPU time in rounds of a loop that is measured too, so that they hold on any machine, busy or not."""

import contextlib
import functools
import time
from collections.abc import Iterator


def _loop() -> float:
    """The CPU seconds of one round: a million turns of an empty loop, some 0.02 s."""
    started = time.process_time()
    for _ in range(1_000_000):
        pass
    return time.process_time() - started


@functools.cache
def _usual_loop() -> float:
    """What a round took once, in this process."""
    return _loop()


@contextlib.contextmanager
def at_most(rounds: int) -> Iterator[None]:
    """Fail where the block takes this process more CPU than so many rounds; a slower machine takes longer for both."""
    usual = _usual_loop()
    started = time.process_time()
    yield
    cpu_time = time.process_time() - started
    # Most take a fraction of what they may: only what comes near it is worth another round.
    assert cpu_time < rounds * usual / 2 or cpu_time < rounds * max(usual, _loop())
