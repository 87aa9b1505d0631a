"""A PostgreSQL server of its own for the tests, from the system's package; Dagster is told where it is.

It listens on a port of the loopback alone, and never waits for the disk.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_PACKAGES = Path("/usr/lib/postgresql")
_USER = "postgres"  # the server refuses to run as root; Debian's package makes this user
_SETTINGS = "-F -c listen_addresses=127.0.0.1 -c shared_buffers=16MB -c max_wal_senders=0 -c wal_level=minimal"


def programs() -> Path | None:
    """The folder with the server's programs, of its newest version; None where it is not installed."""
    found = sorted(_PACKAGES.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    somewhere = shutil.which("postgres")
    return Path(somewhere).parent if somewhere else None


@contextlib.contextmanager
def served(binaries: Path) -> Iterator[Mapping[str, Any]]:
    """A running server with an empty database: the `storage` of a dagster.yaml that names it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(_USER).pw_uid, -1)
        data = str(folder / "data")
        control = [str(binaries / "pg_ctl"), "-D", data, "-w", "-s", "-l", str(folder / "log")]
        _run([str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", _USER, "-N", "-E", "UTF8", "--locale=C"])
        _run([*control, "-o", f"{_SETTINGS} -p {port} -k {folder}", "start"])
        try:
            address = {
                "username": _USER,
                "password": "none",
                "hostname": "127.0.0.1",
                "port": port,
                "db_name": _USER,
            }
            yield {"postgres": {"postgres_db": address}}
        finally:
            _run([*control, "-m", "immediate", "stop"])


def _run(command: list[str]) -> None:
    user = _USER if os.geteuid() == 0 else None
    subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, cwd="/")
