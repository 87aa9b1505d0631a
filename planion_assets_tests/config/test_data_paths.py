"""A path of the data folder that is too long is refused, and the longest that is taken has room for every table."""

import os
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from planion_assets.config import load
from planion_assets.keys import ConferenceKey
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.refresh.feed_folders import APPS, configure, planion


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ("x" * 256, "holds a name of 256 bytes, and disks take 255; give a folder with shorter names"),
        ("é" * 128, "holds a name of 256 bytes, and disks take 255; give a folder with shorter names"),
        ("/".join(["x" * 200] * 20), "is too long, "),
        ("x" * 100_000, "holds a name of 100000 bytes"),
    ],
)
def test_a_data_path_that_is_too_long_is_one_line(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, data: str, wrong: str
) -> None:
    configure(workplace, APPS)
    monkeypatch.setenv("PLANION_DATA", data)
    for command in (["refresh"], ["status"], ["refresh", "--sandbox"], ["status", "--sandbox"]):
        done = planion(*command)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith(f"environment: PLANION_DATA: {wrong}")
        assert done.stderr.count("\n") == 1


def test_the_longest_path_that_is_taken_has_room_for_every_table(tmp_path: Path) -> None:
    names: list[str] = []
    while len(os.fsencode(tmp_path.joinpath(*names))) < 3396 - 101:
        names.append("x" * 100)
    root = tmp_path.joinpath(*names)
    root = root / ("y" * (3396 - len(os.fsencode(root)) - 1))
    environ: Mapping[str, str] = {"PLANION_DATA": str(root)}
    store, key = LocalStore(Path(load(environ, tmp_path, sandbox=True).data)), ConferenceKey("A" * 200, "C" * 200)
    with store.exclusive("published/published_session_speakers", key, ["published/published_session_speakers"]):
        store.write("published/published_session_speakers", key, pa.table({"a": [1]}))
