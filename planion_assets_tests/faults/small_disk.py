"""Refreshes onto a disk that is full, then read-only, then fine, in a child (`forks.py`) with mounts of its own."""

import contextlib
import ctypes
import os
import subprocess
import sys
from pathlib import Path
from shutil import which

from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.faults.conference import WRITTEN, Conference, contents, leftovers, refreshed, snapshot_of

NO_NAMESPACE = 77
"""The exit code where the machine gives a process no mounts of its own."""
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000


def refresh_on_small_disk(folder: str) -> None:
    """Refresh four times, onto a file system in memory that is mounted on that empty folder.

    Prints the reasons of the two refreshes that fail, and `one snapshot` if the last one brought every table up. Files
    it finds changed are an error.
    """
    _unshare()
    _mount("-t", "tmpfs", "-o", "size=1m", "none", folder)
    store = LocalStore(Path(folder) / "data")
    filler = Path(folder) / "filler"
    with Conference() as conference:
        _succeed(store, conference)
        before = contents(store)
        conference.advance()
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x" * 4096):
                pass
        _fail(store, conference, before)
        filler.unlink()
        _mount("-o", "remount,ro", folder)
        _fail(store, conference, before)
        _mount("-o", "remount,rw", folder)
        _succeed(store, conference)
        snapshots = {snapshot_of(store, table) for table in WRITTEN}
        if len(snapshots) == 1 and contents(store).items().isdisjoint(before.items()):
            print("one snapshot")


def _unshare() -> None:
    """As `unshare -rm`: what this process mounts is seen by no other, and it may mount, being root of its own."""
    maps = {"uid_map": f"0 {os.getuid()} 1", "setgroups": "deny", "gid_map": f"0 {os.getgid()} 1"}
    if ctypes.CDLL(None).unshare(_CLONE_NEWNS | _CLONE_NEWUSER):
        sys.exit(NO_NAMESPACE)
    for name, text in maps.items():
        Path("/proc/self", name).write_text(text)
    _mount("--make-rprivate", "/")


def _mount(*arguments: str) -> None:
    subprocess.run([which("mount") or "mount", *arguments], check=True)


def _succeed(store: LocalStore, conference: Conference) -> None:
    outcome = refreshed(store, conference.server.url)
    assert isinstance(outcome, Refreshed), outcome


def _fail(store: LocalStore, conference: Conference, before: dict[str, bytes]) -> None:
    outcome = refreshed(store, conference.server.url)
    assert isinstance(outcome, Failed)
    assert contents(store) == before
    assert leftovers(store.root) == []
    print(outcome.reason)
