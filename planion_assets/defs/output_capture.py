"""What Dagster captures of a run's output, in processes that a Ctrl-C is not for.

Dagster starts two programs for each stream that it captures. A terminal sends SIGINT to all that were started from it,
and one of the two would print a traceback. They end with the run, or a second after this process is gone.
"""

import contextlib
import signal
from collections.abc import Iterator
from typing import Any

import dagster as dg


@contextlib.contextmanager
def without_interrupts(instance: dg.DagsterInstance) -> Iterator[None]:
    """Meanwhile let the programs that the instance starts to capture output take no SIGINT."""
    manager: Any = instance.compute_log_manager
    capture = manager.capture_logs

    @contextlib.contextmanager
    def captured(*arguments: Any, **named: Any) -> Iterator[Any]:
        with contextlib.ExitStack() as stack:
            with _blocked():  # which whatever is started meanwhile inherits
                context = stack.enter_context(capture(*arguments, **named))
            yield context

    manager.capture_logs = captured
    try:
        yield
    finally:
        del manager.capture_logs


@contextlib.contextmanager
def _blocked() -> Iterator[None]:
    """Let a SIGINT wait."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows, which sends none to other processes
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
