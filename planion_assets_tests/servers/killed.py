"""Refreshes of a small conference into a bucket in processes of their own, each killed at a chosen request."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from planion_assets.refresh import change_log
from planion_assets.storage.open_store import open_store
from planion_assets.storage.store import Store
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.faults.conference import WRITTEN, Conference, snapshot_of
from planion_assets_tests.feed.server import KEY
from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.object_proxy import DROPPED_AFTER, DROPPED_BEFORE, Fault, ObjectProxy, StoreRequest

_PATIENCE = 60


class Killed:
    """Refreshes that go through a proxy. `run` refreshes once, and kills the process at a request of it."""

    def __init__(self, process: "subprocess.Popen[str]", proxy: ObjectProxy) -> None:
        self._process = process
        self._proxy = proxy
        self._child: queue.Queue[int] = queue.Queue()

    def run(self, at: int | None = None, *, after: bool = False) -> str:
        """`killed`, or the exit code; killed before its request number `at`, or `after` the store has done it."""
        first = len(self._proxy.requests)

        def fault(request: StoreRequest) -> Fault:
            if at is None or request.number < first + at:
                return None
            if request.number > first + at:
                return DROPPED_BEFORE
            if after:
                return DROPPED_AFTER
            os.kill(self._child.get(timeout=_PATIENCE), signal.SIGKILL)
            return DROPPED_BEFORE

        def done(request: StoreRequest) -> None:
            if after and request.number == first + (at or 0):
                os.kill(self._child.get(timeout=_PATIENCE), signal.SIGKILL)

        self._proxy.fault, self._proxy.after = fault, done if at is not None else lambda _: None
        self._child = queue.Queue()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        self._child.put(int(self._process.stdout.readline()))
        return self._process.stdout.readline().strip()


@contextlib.contextmanager
def refreshes_into(bucket: Bucket, proxy: ObjectProxy, conference: Conference) -> Iterator[Killed]:
    """Refreshes of the conference, through the proxy."""
    options = bucket.behind(proxy.endpoint, retry_timeout=5.0).options
    command = [
        *(sys.executable, "-m", "planion_assets_tests.servers.bucket_forks"),
        *(bucket.address, json.dumps(options), conference.server.url),
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        yield Killed(process, proxy)
        assert process.stdin is not None
        process.stdin.close()


def check_all(bucket: Bucket, states: int) -> None:
    """Every table shows one snapshot, and the change log has led there from nothing, each change once."""
    store = open_store(bucket.address, bucket.options)
    snapshots = {snapshot_of(store, table) for table in WRITTEN}
    assert len(snapshots) == 1
    check_log(store, snapshots.pop(), states)


def check_log(store: Store, snapshot: str, states: int) -> None:
    """The log's files are numbered without a gap and lead from nothing to the snapshot, through each state once."""
    parts = store.log_parts(SESSION_CHANGES.location, KEY)
    numbers = [part.sequence for part in parts]
    assert numbers == list(range(numbers[0], numbers[0] + len(parts)))
    assert [part.before for part in parts[1:]] == [part.after for part in parts[:-1]]
    assert parts[-1].leads_to(snapshot)
    rows = change_log.read(store, KEY).to_pylist()
    changes = [(row["old"], row["new"]) for row in rows if row["column_name"] == "session_name"]
    assert changes == [(f"state {number}", f"state {number + 1}") for number in range(states)]
