"""Locks between processes, on a disk with locks of the kernel and on one without."""

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from planion_assets.guide import without_see
from planion_assets.storage import locks
from planion_assets.storage.atomic_write import refusal

HOLD = """
import errno, fcntl, sys, time
def flock(*_):
    raise OSError(errno.ENOSYS, "Function not implemented")
if sys.argv[2] == "without":
    fcntl.flock = flock
from pathlib import Path
from planion_assets.storage import locks
with locks.acquire(Path(sys.argv[1]), 1):
    print("held", flush=True)
    time.sleep(60)
"""
ELSEWHERE = "another.host"


@pytest.fixture
def without_flock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a disk without locks of the kernel answers; none can be had in a test."""
    import fcntl

    def flock(*_: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock, on a disk without flock."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "x.lock"), "without"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.parametrize("left", ["", "process 1 on somewhere since 2026-01-01 00:00:00 UTC", "1\nhost\n"])
@pytest.mark.usefixtures("without_flock")
def test_a_file_that_a_lock_of_the_kernel_has_left_holds_nothing_on_a_disk_without_flock(
    tmp_path: Path, left: str
) -> None:
    path = tmp_path / "x.lock"
    path.write_text(left)
    for _ in range(2):
        with locks.acquire(path, 0):
            assert (tmp_path / "x.lock.held").read_text().splitlines()[0] == str(os.getpid())
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["x.lock"]


@pytest.mark.usefixtures("without_flock")
def test_without_flock_a_living_holder_is_waited_for_and_named_and_a_dead_one_is_not(
    tmp_path: Path, holder: "subprocess.Popen[str]"
) -> None:
    path = tmp_path / "x.lock"
    with pytest.raises(locks.LockTimeoutError) as raised, locks.acquire(path, 0.1):
        pass
    assert str(raised.value).startswith(f"process {holder.pid} on {socket.gethostname()}")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "x.lock.held").exists()
    with locks.acquire(path, 1):
        pass


@pytest.mark.usefixtures("without_flock")
def test_a_marker_of_another_host_is_waited_for_and_told(tmp_path: Path) -> None:
    path, marker = tmp_path / "x.lock", tmp_path / "x.lock.held"
    marker.write_text(f"7\n{ELSEWHERE}\n")
    with pytest.raises(locks.LockTimeoutError) as raised, locks.acquire(path, 0.1):
        pass
    said = f"process 7 on {ELSEWHERE}, of which this host cannot tell whether it lives (if not, delete {marker})"
    assert str(raised.value) == said


@pytest.mark.usefixtures("without_flock")
def test_a_marker_without_a_holder_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_BLANK_FOR", 0.2)
    (tmp_path / "x.lock.held").touch()
    with locks.acquire(tmp_path / "x.lock", 0.5):
        pass


def test_a_marker_holds_nothing_where_the_kernel_has_locks(tmp_path: Path) -> None:
    (tmp_path / "x.lock.held").write_text(f"7\n{ELSEWHERE}\n")
    with locks.acquire(tmp_path / "x.lock", 0):
        pass


@pytest.mark.parametrize("kind", ["folder", "named pipe", "loop"])
def test_what_is_no_file_in_the_place_of_a_lock_is_a_line_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(locks, "_lock", pytest.fail)  # which would open it, and wait
    path = tmp_path / "x.lock"
    if kind == "folder":
        path.mkdir()
    elif kind == "named pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name)
    with pytest.raises(OSError, match="no file") as raised, locks.acquire(path, 30):
        pass
    assert without_see(refusal(raised.value)).endswith(
        "move away what is in the place of a folder or file, then refresh again"
    )
