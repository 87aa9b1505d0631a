"""A program that refreshes onto a disk that is full, then read-only, then fine; run it in a mount namespace of its own.

The argument is an empty folder, onto which a file system in memory is mounted. It prints the reasons of the two
refreshes that fail, and `one snapshot` if the last one brought every table up. Files it finds changed are an error.
"""

import contextlib
import subprocess
import sys
from pathlib import Path
from shutil import which

from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.faults.conference import WRITTEN, Conference, contents, leftovers, refreshed, shown


def main(folder: str) -> None:
    """Refresh four times."""
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
        if len({shown(store, table) for table in WRITTEN}) == 1 and contents(store).items().isdisjoint(before.items()):
            print("one snapshot")


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


if __name__ == "__main__":
    main(sys.argv[1])
