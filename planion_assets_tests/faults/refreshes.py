"""`planion refresh` in processes of its own (`forks.py`), ended by a signal at a chosen moment."""

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import IO, Any

import dagster as dg

from planion_assets import daemon_threads
from planion_assets.cli import refresh, signals
from planion_assets.cli.main import main as command
from planion_assets.config import load
from planion_assets.refresh import run
from planion_assets.refresh.run import AT_ONCE
from planion_assets_tests.disk_steps import stop_at
from planion_assets_tests.feed.server import ScriptedServer
from planion_assets_tests.forks import fork
from planion_assets_tests.instances import one_instance_without_events
from planion_assets_tests.recording_server import RecordingServer
from planion_assets_tests.runs import ALL, refreshing

HOUR = 3600.0


class Refreshes:
    """Refreshes of the same keys, one after the other; each has a Dagster instance of its own, in memory."""

    def __init__(self, keys: Sequence[str], at_once: int, tables: Sequence[str], errors: IO[str]) -> None:
        self._keys = keys
        self._tables = tables
        self._at_once = at_once
        self._errors = errors

    def run(
        self,
        moment: Callable[[], None] | None = None,
        number: int = signal.SIGKILL,
        *,
        step: int | str | None = None,
        again_after: float | None = None,
        patient: bool = False,
    ) -> int:
        """Refresh once; the signal is sent when `moment` returns, or never. The exit code, -9 where it was killed.

        With `step` it is sent before that step of the disk (`disk_steps.py`), or, where that is `event`, while Dagster
        stores the first materialization. With `again_after` it is sent again so many seconds later. A `patient` refresh
        waits after a signal for an hour for what is under way.
        """
        streams = {2: self._errors.fileno()}
        with fork(
            _refresh, self._keys, self._at_once, self._tables, int(number), step, patient, streams=streams
        ) as child:
            if moment is not None:
                moment()
                child.kill(number)
                if again_after is not None:
                    time.sleep(again_after)
                    child.kill(number)
            return child.wait()

    def said(self) -> str:
        """What all of them wrote to stderr."""
        self._errors.seek(0)
        return self._errors.read()


@contextlib.contextmanager
def refreshes_of(keys: Sequence[str], at_once: int = AT_ONCE, tables: Sequence[str] = ALL) -> Iterator[Refreshes]:
    """Refreshes of these keys, or of all where there are none, in the current directory; so many are under way."""
    with tempfile.TemporaryFile("w+") as errors:
        yield Refreshes(keys, at_once, tables, errors)


def wait_for_request(server: RecordingServer | ScriptedServer) -> None:
    """Return when a request has been answered from here on, or after minutes."""
    before, until = len(server.requests), time.monotonic() + 180
    while len(server.requests) == before and time.monotonic() < until:
        time.sleep(0.001)


def _refresh(  # noqa: PLR0917 - as a child is called
    keys: Sequence[str], at_once: int, tables: Sequence[str], number: int, step: int | str | None, patient: bool
) -> None:
    """Refresh, in a child."""
    setattr(refresh, "opened", one_instance_without_events)  # noqa: B010 - in the place of what it imports
    setattr(run, "AT_ONCE", at_once)  # noqa: B010 - a constant
    if patient:
        signals.ENDS_WITHIN = daemon_threads.LEFT_BEHIND_AFTER = HOUR
    stop = partial(os.kill, os.getpid(), number)
    if isinstance(step, int):
        stop_at(step, str(load().data), stop)
    elif step == "event":
        _at_first_event(stop)
    with refreshing(tables):
        command(["refresh", *keys])


def _at_first_event(stop: Callable[[], None]) -> None:
    """Call `stop` when Dagster has been handed the first materialization, and has not given control back."""
    handle = dg.DagsterInstance.handle_new_event
    stopped = False

    def look(self: dg.DagsterInstance, entry: dg.EventLogEntry, **more: Any) -> None:
        nonlocal stopped
        handle(self, entry, **more)
        if not stopped and entry.dagster_event and entry.dagster_event.is_step_materialization:
            stopped = True
            stop()

    setattr(dg.DagsterInstance, "handle_new_event", look)  # noqa: B010 - in the place of a method
