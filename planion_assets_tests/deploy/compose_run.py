"""Starts the services of deploy/compose.yaml without a container engine, launches a refresh and tells what happened.

    unshare --mount --net --pid --fork --kill-child --mount-proc \\
        python -m planion_assets_tests.deploy.compose_run FOLDER [ROOT]

FOLDER holds `deploy/` with the settings and secrets of whoever starts it. ROOT is the image that image_build.py has
made; without it this machine's files stand in for it, with the programs of the environment that runs this. The programs
of this machine are also in the place of the images postgres and caddy. All services share a network of nothing but
loopback.

Belongs here: order, health, what is asked of the UI. Does not belong here: what the file says (compose_file.py).
"""

import base64
import json
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from planion_assets.sandbox import SandboxServer
from planion_assets_tests.deploy.compose_file import services
from planion_assets_tests.deploy.here import Machine
from planion_assets_tests.runs import SMALL

SELECTOR = {"repositoryName": "__repository__", "repositoryLocationName": "planion_assets"}
LAUNCH = """mutation($params: ExecutionParams!) {
    launchPipelineExecution(executionParams: $params) {
        __typename ... on PythonError { message } ... on LaunchRunSuccess { run { runId } } } }"""
STATUS = """query($id: ID!) {
    runOrError(runId: $id) { ... on Run { status eventConnection { events { ... on MessageEvent { message } } } } } }"""
SANDBOX_PORT = 8787
USER, PASSWORD = "alice", "a password of the test"
_HANG = 300.0  # seconds after which something hangs, on however busy a machine


class Services:
    """The running services, in one network."""

    def __init__(self, folder: Path, image: Path | None) -> None:
        self.folder = folder
        self.machine = Machine(folder, image)
        self.services = services(folder / "deploy", {})
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.healthy: set[str] = set()

    def start(self) -> None:
        """Start all, each when those that it waits for are as it wants them."""
        for service in self.services.values():
            for other, condition in service.waits_for.items():
                if condition == "service_completed_successfully":
                    assert self.running[other].wait(_HANG) == 0, self.log(other)
                else:
                    self.wait_for(other)
            with (self.folder / f"{service.name}.log").open("wb") as log:
                command = self.machine.container(service).command(self.machine.arguments(service))
                self.running[service.name] = subprocess.Popen(command, stdout=log, stderr=log)

    def wait_for(self, name: str) -> None:
        """Wait until the health check of the service says so. Raises AssertionError where it has ended."""
        service, process = self.services[name], self.running[name]

        def healthy() -> bool:
            assert process.poll() is None, self.log(name)
            return self.machine.container(service).run(service.health).returncode == 0

        if name not in self.healthy:
            until(healthy, f"{name} is healthy", lambda: self.log(name))
            self.healthy.add(name)

    def stop(self) -> dict[str, float]:
        """The seconds that each service took to end, the last one first, each by the signal that compose sends."""
        seconds = {}
        for name, process in reversed(self.running.items()):
            began = time.monotonic()
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
            process.wait(_HANG)
            seconds[name] = round(time.monotonic() - began, 1)
        return seconds

    def log(self, name: str) -> str:
        """The end of what the service has printed."""
        return f"{name}: {(self.folder / f'{name}.log').read_text(errors='replace')[-3000:]}"


def until(condition: Callable[[], Any], what: str, log: Callable[[], str]) -> Any:
    """The first true answer of the condition."""
    end = time.monotonic() + _HANG
    while time.monotonic() < end:
        with suppress(OSError):
            if answer := condition():
                return answer
        time.sleep(1)  # a health check is a process, and some import Dagster
    raise AssertionError(f"not within {_HANG:g} s: {what}; {log()}")


def ask(body: Mapping[str, Any] | None = None, password: str | None = PASSWORD) -> tuple[int, dict[str, Any]]:
    """Status and answer of the UI's GraphQL, through the proxy."""
    headers = {"Content-Type": "application/json"}
    if password is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()
    unverified = ssl._create_unverified_context()  # noqa: S323 - a certificate that the proxy has signed itself
    request = urllib.request.Request("https://localhost/graphql", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60, context=unverified) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, {}


def _launched() -> str:

    tags = [{"key": "dagster/partition", "value": SMALL}]
    selector = {**SELECTOR, "pipelineName": "refresh"}
    params = {"selector": selector, "mode": "default", "executionMetadata": {"tags": tags}}
    _, answer = ask({"query": LAUNCH, "variables": {"params": params}})
    launched = answer["data"]["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", answer
    return str(launched["run"]["runId"])


def _ended(run: str) -> str:
    _, answer = ask({"query": STATUS, "variables": {"id": run}})
    status = answer["data"]["runOrError"]["status"]
    return status if status in ("SUCCESS", "FAILURE", "CANCELED") else ""


def main() -> None:
    """Print what happened as JSON."""
    # As an engine starts programs. One that inherits a SIGINT that is ignored has Dagster ignore SIGTERM with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = Path(sys.argv[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    running = Services(folder, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    with SandboxServer(port=SANDBOX_PORT):
        running.start()
        running.wait_for("proxy")
        passwords = {"none": None, "wrong": "guessed", "right": PASSWORD}
        report: dict[str, Any] = {
            name: ask({"query": "{ version }"}, password)[0] for name, password in passwords.items()
        }
        run = _launched()
        report["run"] = until(lambda: _ended(run), "the run ends", lambda: running.log("code"))
        running.wait_for("daemon")
        report["healthy"] = sorted(running.healthy)
        report["stopped"] = running.stop()
    print(json.dumps(report))


if __name__ == "__main__":
    main()
