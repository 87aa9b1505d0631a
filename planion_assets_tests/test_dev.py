"""`make dev` as a person starts it: partitions without a click, a backfill of several, and how all of it ends.

Not by `make`, which would take the checkout's own instance and data: by the script that it runs. `make test` has it end
a stand-in of Dagster's services, `make soak` these themselves. That the process of a run ends by a signal is tested in
`faults/test_run_stops.py`.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import CONFERENCES
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import NotStoredError
from planion_assets_tests.forks import fork, run
from planion_assets_tests.instances import copy_instance
from planion_assets_tests.runs import CORE, EMPTY, SINGLE, SMALL

ROOT = Path(__file__).parent.parent

PARTITIONS = """query($asset: AssetKeyInput!) {
    assetNodeOrError(assetKey: $asset) { ... on AssetNode { partitionKeysByDimension { partitionKeys } } } }"""
BACKFILL = """mutation($params: LaunchBackfillParams!) {
    launchPartitionBackfill(backfillParams: $params) {
        __typename ... on PythonError { message } ... on LaunchBackfillSuccess { backfillId } } }"""
BACKFILL_STATUS = """query($id: String!) {
    partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status runs { status } } } }"""


class _Dev:
    """A running `make dev` and its GraphQL API."""

    def __init__(self, port: int, process: "subprocess.Popen[str]") -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.process = process

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a GraphQL answer."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def partitions(self) -> list[str]:
        """The partition keys that the asset `sessions` has."""
        node = self.ask(PARTITIONS, asset={"path": ["sessions"]})["assetNodeOrError"]
        return list(node["partitionKeysByDimension"][0]["partitionKeys"]) if node else []


def _until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            if result := condition():
                return result
        time.sleep(1)  # seldom: an answer costs the web server a part of a second
    raise AssertionError(f"{what} did not happen within {seconds:g} s")


def _home(folder: Path) -> Path:
    """The instance of a folder like a checkout."""
    shutil.copy(ROOT / "workspace.yaml", folder)
    home = folder / "home"
    copy_instance(home)
    shutil.copy(ROOT / ".dagster" / "dagster.yaml", home)
    return home


def _start(folder: Path, **environment: str) -> "subprocess.Popen[str]":
    """The script in a folder like a checkout."""
    home = _home(folder)
    return subprocess.Popen(
        # As a shell without a terminal starts what is in the background: deaf to SIGINT.
        ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, str(ROOT / "scripts" / "dev.py")],
        env={**os.environ, "DAGSTER_HOME": str(home), **environment},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def dev(configured: Path) -> Iterator[_Dev]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = _start(configured, PORT=str(port))
    # Read away: a full pipe would stop everything.
    for stream in (process.stdout, process.stderr):
        threading.Thread(target=stream.read if stream else None, daemon=True).start()
    try:
        dev = _Dev(port, process)
        _until(lambda: dev.ask("{ version }"), 180, "the start of the web server")
        yield dev
    finally:
        process.terminate()
        process.wait(timeout=60)


def _parents() -> dict[int, int]:
    """The parent of each process that goes on; one that is dead and not fetched by its parent does not."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, rest = stat.parent.name, stat.read_text().rpartition(")")[2].split()
            if rest[0] != "Z":
                parents[int(pid)] = int(rest[1])
    return parents


def _descendants(pid: int) -> set[int]:
    """The processes that a process has started, and those that these have, and so on."""
    parents, found = _parents(), {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def _rows(store: LocalStore, key: str) -> int | None:
    try:
        rows = [store.footer(name, ConferenceKey.parse(key)).rows for name in CORE]
    except NotStoredError:
        return None
    return rows[1]


def _script(*dagster: str) -> None:
    """The script, to be called in a child; deaf to SIGINT where it starts that program in the place of Dagster's."""
    spec = spec_from_file_location("dev", ROOT / "scripts" / "dev.py")
    assert spec
    assert spec.loader
    script: Any = module_from_spec(spec)
    spec.loader.exec_module(script)
    if dagster:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        script.OPEN_INSTANCE, script.DAGSTER, script.BY_SIGTERM = (sys.executable, "-IS", "-c", ""), dagster, 0.3
    sys.exit(script.main())


# Serves a port and has a child that SIGTERM does not end.
SERVICES = """
import os, signal, socket, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
child = os.fork()
if not child:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
with socket.create_server(("127.0.0.1", int(sys.argv[-1]))) as listener:
    print(os.getpid(), child, flush=True)
    while True:
        listener.accept()[0].close()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_all_that_it_started(configured: Path, number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    ours, theirs = os.pipe()
    program = (sys.executable, "-IS", "-c", SERVICES)
    variables = {"PORT": str(port), "DAGSTER_HOME": str(_home(configured))}
    with fork(_script, *program, streams={1: theirs}, variables=variables) as script, os.fdopen(ours) as said:
        os.close(theirs)
        services = {int(pid) for pid in said.readline().split()}
        assert services <= _descendants(script.pid)
        script.kill(number)
        assert script.wait() == 128 + number
        _until(lambda: services.isdisjoint(_parents()), 60, "the end of what was killed")


@pytest.mark.long
@pytest.mark.soak
def test_partitions_appear_and_a_backfill_materializes_them(configured: Path, dev: _Dev) -> None:
    store = LocalStore(configured / "data")
    partitions = _until(dev.partitions, 180, "the registration of the partitions")
    assert {SMALL, EMPTY, SINGLE} <= set(partitions)
    assert len(partitions) == len(CONFERENCES)

    params = {"assetSelection": [{"path": [name]} for name in CORE], "partitionNames": [SMALL, SINGLE]}
    backfill = dev.ask(BACKFILL, params=params)["launchPartitionBackfill"]
    assert backfill["__typename"] == "LaunchBackfillSuccess", backfill
    asked = count(1)

    def backfilled() -> bool:
        if None in (_rows(store, SMALL), _rows(store, SINGLE)) and next(asked) % 10:
            return False  # the files cost nothing to look at; the web server is asked now and then whether a run failed
        # Its runs, not its own status, which Dagster's daemon brings up to date half a minute later.
        status = dev.ask(BACKFILL_STATUS, id=backfill["backfillId"])["partitionBackfillOrError"]
        ended = [run["status"] for run in status["runs"]]
        assert "FAILURE" not in ended, status
        return bool(ended) and set(ended) == {"SUCCESS"}

    _until(backfilled, 180, "the backfill")
    assert (_rows(store, SMALL), _rows(store, SINGLE)) == (87, 1)

    # From here on: SIGTERM, however it was started, ends all of it.
    started = _descendants(dev.process.pid)
    assert len(started) >= 4, "dagster dev, its web server, its daemon, a code server"
    dev.process.terminate()
    assert dev.process.wait(timeout=180) == 128 + signal.SIGTERM
    assert started.isdisjoint(_parents())


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_port_that_is_taken_is_one_line_that_names_the_variable(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("PLANION_SANDBOX", "1")
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_server(("127.0.0.1", 0)) as probe:
        port, free = listening.getsockname()[1], probe.getsockname()[1]
        probe.close()
        ports = {"PORT": str(free), "SANDBOX_PORT": str(free), variable: str(port)}
        done = run(_script, DAGSTER_HOME=str(_home(workplace)), **ports)
    assert done.returncode == 2
    assert (
        f"port {port} of 127.0.0.1 cannot be served (Address already in use); choose another: make dev {variable}="
        in done.stderr
    )
    assert (done.stderr.count("\n"), done.stdout) == (1, ""), "nothing was started"


def test_without_a_configuration_it_fails_at_once(workplace: Path) -> None:
    done = _start(workplace)
    out, err = done.communicate(timeout=60)
    assert (done.returncode, err.count("\n")) == (2, 1)
    assert err.startswith("planion.yaml: the file: is not there, in ")
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    ("files", "environment", "asked"),
    [
        ([], {}, "1"),
        (["planion.yaml"], {}, ""),
        ([], {"PLANION_CONFIG": "other.yaml"}, ""),
        ([], {"PLANION_SANDBOX": "0"}, "0"),
        # A feed of one's own was read here: the file is lost.
        (["data/.status/.feed.json"], {}, ""),
    ],
)
def test_make_asks_for_the_sandbox_where_nothing_is_configured(
    workplace: Path, files: list[str], environment: dict[str, str], asked: str
) -> None:
    for name in files:
        (workplace / name).parent.mkdir(parents=True, exist_ok=True)
        (workplace / name).touch()
    recipe = "run dev: ; @printf '%s' \"$$PLANION_SANDBOX\"\n"
    rule = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("run dev: export"))
    for target in ("run", "dev"):
        done = subprocess.run(
            [shutil.which("make") or "make", "--no-print-directory", "-f", "-", target],
            input=f"{rule}\n{recipe}",
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            check=True,
        )
        assert done.stdout == asked
