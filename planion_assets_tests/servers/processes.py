"""Server processes of a test: started on free ports of the loopback, and killed whatever becomes of the test."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

PATIENCE = 60.0  # seconds in which a server answers, on a machine with other work


def free_ports(number: int) -> list[int]:
    """Ports on which nobody listens."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextlib.contextmanager
def running(command: Sequence[str], folder: Path, answers: Callable[[], bool]) -> Iterator[None]:
    """The server of a command, from when it `answers` on; what it says is in `log` of its folder."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            until = time.monotonic() + PATIENCE
            while not answers():
                said = (folder / "log").read_text(errors="replace")[-2000:]
                assert process.poll() is None, f"{command[0]} ended: {said}"
                assert time.monotonic() < until, f"{command[0]} does not answer: {said}"
                time.sleep(0.02)
            yield
        finally:
            # Not asked to end: what it keeps goes with its folder, and SeaweedFS takes 25 seconds.
            process.kill()
            process.wait()


def is_open(port: int) -> bool:
    """Whether somebody listens on a port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
