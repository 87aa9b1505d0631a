"""A running `dagster dev` in a folder of its own, over a feed that a test scripts."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).parents[2]
HANG = 600.0  # seconds after which something hangs, on however busy a machine
_TO_END = 15


@contextmanager
def dagster_dev(folder: Path, settings: str, variables: Mapping[str, str]) -> Iterator[str]:
    """The address of the UI of a `dagster dev` whose planion.yaml, tables, instance and log are in `folder`.

    The instance is in the folder `home`. Raises TimeoutError where it does not answer.
    """
    (folder / "planion.yaml").write_text(settings, encoding="utf-8")
    home = folder / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text((ROOT / ".dagster" / "dagster.yaml").read_text(encoding="utf-8"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PLANION_")}
    with (folder / "dev.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-w", str(ROOT / "workspace.yaml"), "-p", str(port)],
            cwd=folder,
            env={**own, **variables, "DAGSTER_HOME": str(home)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        origin = f"http://127.0.0.1:{port}"
        _wait(origin, process, folder / "dev.log")
        yield origin
    finally:
        # To the whole group: `dagster dev` starts its services, and they the processes of runs.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_TO_END)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(origin: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = monotonic() + HANG
    while monotonic() < end and process.poll() is None:
        with suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"{origin}/server_info", timeout=HANG).close()
            return
        sleep(0.5)
    raise TimeoutError(f"dagster dev does not answer:\n{log.read_text(encoding='utf-8')[-2000:]}")
