"""Dagster instances on disk for tests that need one: copies of one whose databases are there already."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import dagster as dg

_NONE: Mapping[str, Any] = MappingProxyType({})


@cache
def _empty() -> "tempfile.TemporaryDirectory[str]":
    """A folder with an instance, made once in a process; it goes when the process ends."""
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with dg.instance_for_test(temp_dir=folder.name):
        pass
    Path(folder.name, "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return folder


def copy_instance(home: Path) -> None:
    """Put an instance without runs into a folder, at a quarter of what Dagster takes to make one."""
    shutil.copytree(_empty().name, home, dirs_exist_ok=True)


@contextlib.contextmanager
def instance_on_disk(home: Path, settings: Mapping[str, Any] = _NONE) -> Iterator[dg.DagsterInstance]:
    """An instance without runs in `home`, which is DAGSTER_HOME within."""
    copy_instance(home)
    with dg.instance_for_test(overrides=dict(settings), temp_dir=str(home)) as instance:
        yield instance
