"""Faults at the steps of writing a file, which no disk can be made to have on demand: EIO, or a kill between two calls.

Each step is the call by which `planion_assets.storage.atomic_write` asks the operating system for it; what is not of
the table that the fault is meant for goes through.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

STEPS = ("mkdir", "open", "write", "flush", "fsync", "rename", "sync_folder")
"""In the order of writing; the file is in its place after `rename`."""


class _File:
    """An open file whose writes fail half way."""

    def __init__(self, file: Any, meet: Callable[[str], None]) -> None:
        self._file = file
        self._meet = meet

    def write(self, data: Any) -> Any:
        half = memoryview(data)[: len(data) // 2]
        self._file.write(half)
        self._meet("write")
        return self._file.write(memoryview(data)[len(half) :])

    def flush(self) -> None:
        # After the content is on its way: what a kill leaves then is a file of the right size.
        self._file.flush()
        self._meet("flush")

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextlib.contextmanager
def at_step(step: str, folder: Path, act: Callable[[], None]) -> Iterator[list[str]]:
    """Call `act` whenever a file below `folder` is at that step; the list holds the step for each time it did."""
    met: list[str] = []
    mkdir, opened, renamed = Path.mkdir, Path.open, Path.replace

    def meet(name: str) -> None:
        if name == step:
            met.append(name)
            act()

    def within(path: Path) -> bool:
        return path.is_relative_to(folder)

    def mkdir_(self: Path, *given: Any, **named: Any) -> None:
        if within(self):
            meet("mkdir")
        mkdir(self, *given, **named)

    def open_(self: Path, mode: str = "r", *given: Any, **named: Any) -> Any:
        if not within(self) or "x" not in mode:
            return opened(self, mode, *given, **named)
        meet("open")
        return _File(opened(self, mode, *given, **named), meet)

    def replace_(self: Path, target: Path) -> Path:
        if within(self):
            meet("rename")
        return renamed(self, target)

    def fsync_(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if within(path):
            meet("sync_folder" if path.is_dir() else "fsync")
        # Nothing more: what survives a power failure no test can tell, and the disk would take most of its time.

    with (
        mock.patch.object(Path, "mkdir", mkdir_),
        mock.patch.object(Path, "open", open_),
        mock.patch.object(Path, "replace", replace_),
        mock.patch.object(os, "fsync", fsync_),
    ):
        yield met
