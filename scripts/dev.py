"""Serves Dagster's UI, and the sandbox feed beside it where PLANION_SANDBOX asks for it: what `make dev` runs.

    PORT=3000 SANDBOX_PORT=8787 .venv/bin/python scripts/dev.py

A configuration that cannot be used or a port that is taken is one line and exit code 2, before anything is started.
SIGTERM, SIGHUP or SIGINT (Ctrl-C) end all that was started within 15 seconds, however this script was started: a
shell without a terminal has its background processes ignore SIGINT, which `dagster dev` waits for.
"""

import signal

if __name__ == "__main__":
    # Until there is something to end, Ctrl-C ends this process as it is: without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import click

from planion_assets.config import ConfigError, load
from planion_assets.config.constants import SANDBOX_PORT, URL_VARIABLE
from planion_assets.refresh.feed_note import check
from planion_assets.sandbox import SandboxServer

STOPPING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
HOST = "127.0.0.1"
UI_PORT = 3000
# Seconds for `dagster dev` to end its services in order, then for what is left to end by SIGTERM; then comes SIGKILL.
IN_ORDER, BY_SIGTERM = 8.0, 3.0
EXIT_USAGE = 2
# Behind the lock that `planion refresh` opens it behind: two that make an instance at once break it.
OPEN_INSTANCE = (sys.executable, "-m", "planion_assets.defs.instance")
DAGSTER = (sys.executable, "-m", "dagster")


def main() -> int:
    """Serve until a signal comes or `dagster dev` ends by itself; the exit code, as a shell says it."""
    with contextlib.ExitStack() as stack:
        try:
            settings = load()
            check(settings)
            _check_home()
            port = _port("PORT", UI_PORT)
            with _listen(port, "PORT"):
                if settings.is_sandbox:
                    stack.enter_context(_sandbox())
        except (ConfigError, ValueError) as error:
            click.echo(str(error), err=True)
            return EXIT_USAGE
        opened = subprocess.run(OPEN_INSTANCE, check=False)  # noqa: S603 - our own command
        if opened.returncode:
            return opened.returncode
        signals = stack.enter_context(_noted_signals())
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*DAGSTER, "dev", "-w", "workspace.yaml", "-h", HOST, "-p", str(port)],
            # A group of its own: Ctrl-C in the terminal is for this script, which then ends them all.
            start_new_session=True,
        )
        try:
            stopped_by = _wait(process, signals)
        finally:
            _end(process, port)
        return 128 + stopped_by if stopped_by else process.returncode


def _check_home() -> None:
    """Raise ValueError, in one line, where Dagster could note nothing."""
    home = os.environ.get("DAGSTER_HOME", "")
    if not os.access(home, os.W_OK | os.X_OK):
        raise ValueError(
            f"DAGSTER_HOME ({home or 'not set'}) is no folder that can be written; name one of yours in it"
        )


def _sandbox() -> SandboxServer:
    """The sandbox feed, whose address all processes of Dagster get."""
    port = _port("SANDBOX_PORT", SANDBOX_PORT)
    _listen(port, "SANDBOX_PORT").close()
    server = SandboxServer(port=port)
    if port != SANDBOX_PORT:
        os.environ[URL_VARIABLE] = server.url
    click.echo(f"sandbox feed at {server.url} (POST /sandbox/advance moves its content on)")
    return server


def _port(variable: str, default: int) -> int:
    """The port that a variable names. Raises ValueError, in one line."""
    text = os.environ.get(variable, "").strip() or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 16:
        raise ValueError(f"{variable}={text} is no port; give a number from 1 to 65535")
    return int(text)


def _listen(port: int, variable: str) -> socket.socket:
    """A socket that listens on a port. Raises ValueError, in one line."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise ValueError(
            f"port {port} of {HOST} cannot be served ({os.strerror(error.errno or 0)}); choose another: "
            f"make dev {variable}={port + 1}"
        ) from None


@contextlib.contextmanager
def _noted_signals() -> Iterator[int]:
    """A pipe from which the number of each signal can be read, that of a child's end too."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in (*STOPPING, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)  # not SIG_IGN, which `dagster dev` would inherit
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    yield reader


def _wait(process: subprocess.Popen[bytes], signals: int) -> int:
    """Wait for the process or for a signal; its number, 0 where the process ended by itself."""
    while process.poll() is None:
        select.select([signals], [], [])
        for number in os.read(signals, 64):
            if number in STOPPING:
                return number
    return 0


def _end(process: subprocess.Popen[bytes], port: int) -> None:
    """End `dagster dev` and all that it started; at once where it serves nothing yet, as it would with a traceback."""
    if process.poll() is None and _serves(port):
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(IN_ORDER)
        _signal_group(process, signal.SIGTERM)
        end = time.monotonic() + BY_SIGTERM
        while time.monotonic() < end and _signal_group(process, 0):
            process.poll()
            time.sleep(0.1)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to all that are left of the group. False where nobody is."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def _serves(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
