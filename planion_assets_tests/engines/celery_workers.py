"""A Redis server and Celery workers that run Dagster's runs, as processes of a test."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from planion_assets_tests.servers.processes import free_ports, running

QUEUE = "dagster"


def redis_program() -> str:
    """The server's program, for a test which is skipped without it; with CI=true it fails."""
    if program := shutil.which("redis-server"):
        return program
    reason = "no Redis server is installed; on Debian: apt-get install redis-server"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The address of a server that keeps nothing on disk."""
    folder.mkdir()
    (port,) = free_ports(1)
    command = [redis_program(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    def answers() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    with running(command, folder, answers):
        yield f"redis://127.0.0.1:{port}"


def launcher(redis: str) -> Mapping[str, Any]:
    """The `run_launcher` of a dagster.yaml whose runs those workers take."""
    config = {"broker": f"{redis}/0", "backend": f"{redis}/1", "default_queue": QUEUE}
    return {"module": "dagster_celery.launcher", "class": "CeleryRunLauncher", "config": config}


@contextlib.contextmanager
def worker(redis: str, name: str, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker that takes one run at a time; it and its child are a process group.

    It prefetches no other task: one that a dead worker had reserved in Redis is handed on after an hour.
    """
    command = [
        *(sys.executable, "-m", "celery", "-A", "dagster_celery.app", "-b", f"{redis}/0"),
        *("--result-backend", f"{redis}/1", "worker", "-Q", QUEUE, "-c", "1", "-n", f"{name}@%h", "-l", "INFO"),
        *("--without-gossip", "--without-mingle", "--disable-prefetch"),
    ]
    log = folder / f"{name}.log"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with (
        log.open("wb") as said,
        subprocess.Popen(
            command, stdout=said, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        ) as process,
    ):
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
