"""SIGTERM ends the process of a run, as a pod gets it, within Kubernetes' grace and with everything whole."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import dagster as dg
import pytest

from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.faults.conference import leftovers
from planion_assets_tests.faults.stops import PATIENT, configure
from planion_assets_tests.feed.faults import silent
from planion_assets_tests.feed.server import Request, Response, Wire
from planion_assets_tests.forks import fork
from planion_assets_tests.instances import instance_on_disk
from planion_assets_tests.many import KEYS, TABLES_OF_SESSIONS, Many
from planion_assets_tests.run_processes import command, created_run

_PROGRAM = next(iter(entry_points(group="console_scripts", name="dagster"))).load()  # before a fork, for each child
GRACE = 30.0
"""Seconds between SIGTERM and SIGKILL, unless a pod says otherwise."""
LATE = 120.0
"""Seconds in which a process gets as far as a test waits for, on a machine that has other things to do."""


class _Feed(Many):
    """Answers for every conference, or for one alone and is silent about the others."""

    silent_but_for: str | None = None

    def _page(self, request: Request) -> Response | Wire:
        if self.silent_but_for not in (None, request.where["conference"]):
            return silent
        return super()._page(request)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with instance_on_disk(tmp_path_factory.mktemp("home")) as instance:
        yield instance


def _stopped(instance: dg.DagsterInstance, moment: Callable[[], bool]) -> dg.DagsterRun:
    """A run whose process gets SIGTERM once that is true, or after minutes; as Dagster noted it."""
    run = created_run(instance, "refresh_active")
    with fork(_execute, command(instance, run)) as child:
        until = time.monotonic() + LATE
        while not moment() and time.monotonic() < until:
            time.sleep(0.02)
        child.kill(signal.SIGTERM)
        late = threading.Timer(GRACE, child.kill, [signal.SIGKILL])
        late.start()
        assert child.wait() == 1
        late.cancel()
    noted = instance.get_run_by_id(run.run_id)
    assert noted
    return noted


def _execute(command: list[str]) -> None:
    """Run a command of the program `dagster`, in a child."""
    assert Path(command[0]).name == "dagster"
    sys.argv = command
    _PROGRAM()


@pytest.mark.long
def test_the_process_of_a_run_ends_within_the_grace_of_a_pod(
    workplace: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(instance.root_directory))
    store = LocalStore(workplace / "data")
    with _Feed() as feed:
        # So many at once that the others, who wait, leave requests for the one that is answered.
        configure(workplace, feed.url, monkeypatch, **PATIENT, max_requests_per_account=16)
        # While all wait for the feed, but for one whose events Dagster stores.
        feed.silent_but_for = KEYS[0].conference
        run = _stopped(instance, lambda: store.path("raw_sessions", KEYS[0]).exists())
    assert run.status is dg.DagsterRunStatus.FAILURE
    assert run.tags["dagster/failure_reason"] == "UNEXPECTED_TERMINATION"
    assert store.keys("raw_sessions") == [KEYS[0]]
    for table in TABLES_OF_SESSIONS:  # finished, or undone
        if store.path(table.location, KEYS[0]).exists():
            store.read(table.location, KEYS[0]).validate(full=True)
    assert leftovers(store.root) == []
    owners = [lock.read_text() for lock in (store.root / ".locks").rglob("*.lock")]
    assert owners == [""] * len(owners) != []
