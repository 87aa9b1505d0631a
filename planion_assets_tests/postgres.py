"""A PostgreSQL server of its own for the tests, from the system's package.

It listens on a port of the loopback alone, and never waits for the disk. Belongs here: the server, its address, and
what it counts. Who uses it hands `PostgresServer.storage` to Dagster.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_PACKAGES = Path("/usr/lib/postgresql")
_USER = "postgres"  # the server refuses to run as root; Debian's package makes this user
_SETTINGS = "-F -c listen_addresses=127.0.0.1 -c shared_buffers=16MB -c max_wal_senders=0 -c wal_level=minimal"
_COUNTED = "-c log_connections=on"
_STATEMENTS_COUNTED = "-c log_statement=all"  # a third of what the server takes
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server with an empty database, which anybody on this machine may use."""

    port: int
    control: tuple[str, ...]
    log: Path

    @property
    def url(self) -> str:
        """The address of the database, with the driver that dagster-postgres brings."""
        return f"postgresql+psycopg2://{_USER}@{_HOST}:{self.port}/{_USER}"

    @property
    def storage(self) -> Mapping[str, Any]:
        """The `storage` of a dagster.yaml that names the database."""
        address = {"username": _USER, "password": "none", "hostname": _HOST, "port": self.port, "db_name": _USER}
        return {"postgres": {"postgres_db": {**address, "scheme": "postgresql+psycopg2"}}}

    def restart(self) -> None:
        """Stop and start: every connection is cut."""
        _run([*self.control, "-m", "fast", "restart"])

    def counts(self) -> tuple[int, int]:
        """How many (connections, statements) the server was sent so far; no statements unless they are counted."""
        log = self.log.read_text(encoding="utf-8", errors="replace")
        return log.count(" connection authorized: "), log.count(" statement: ")


def programs() -> Path | None:
    """The folder with the server's programs, of its newest version; None where it is not installed."""
    found = sorted(_PACKAGES.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    somewhere = shutil.which("postgres")
    return Path(somewhere).parent if somewhere else None


def needed_programs() -> Path:
    """The same for a test, which is skipped where there is no server; with CI=true it fails."""
    binaries = programs()
    if binaries is None:
        reason = "no PostgreSQL server is installed; on Debian: apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return binaries


@contextlib.contextmanager
def postgres_server(binaries: Path, *, statements: bool = False) -> Iterator[PostgresServer]:
    """A server that runs for the time of the `with`. It counts connections, and statements where it is asked to."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(_USER).pw_uid, -1)
        data = str(folder / "data")
        control = (str(binaries / "pg_ctl"), "-D", data, "-w", "-s", "-l", str(folder / "log"))
        settings = f"{_SETTINGS} {_COUNTED} {_STATEMENTS_COUNTED if statements else ''} -p {port} -k {folder}"
        _run([str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", _USER, "-N", "-E", "UTF8", "--locale=C"])
        _run([*control, "-o", settings, "start"])
        try:
            yield PostgresServer(port, control, folder / "log")
        finally:
            _run([*control, "-m", "immediate", "stop"])


def _run(command: list[str]) -> None:
    user = _USER if os.geteuid() == 0 else None
    subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, cwd="/")
