"""What the README shows works as it stands."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import CONFERENCES
from planion_assets.storage.store import Pieces, Store, write_file
from planion_assets.tables.arrow.diff import Step, between
from planion_assets.tables.model import Zones
from planion_assets.tables.quality.catalog import CHECKS
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.tables.items import Item

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
_READERS = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "data/sessions" in block]
READERS = [block for block in _READERS if "pyspark" not in block]
SPARK_READERS = [block for block in _READERS if "pyspark" in block]
"""Run by readers/test_spark.py, where there is Java."""

(DOWNSTREAM,) = re.findall(r"```python\n([^`]*?on_changed_conference.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", READERS, ids=lambda code: code.split()[1])
def test_a_reader_of_the_files_sees_every_conference(workplace: Path, code: str) -> None:
    store = Store(workplace / "data")
    for account, conference in CONFERENCES:
        key = ConferenceKey(account, conference)
        store.write("sessions", key, pa.table({"account": [account], "conference": [conference]}))
    store.path("sessions", key).with_name(".half-written.parquet.tmp").write_bytes(b"PAR1")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"}
    )
    assert done.returncode == 0, done.stderr
    for _, conference in CONFERENCES:
        assert re.search(rf"\b{conference}\b", done.stdout), done.stdout


def test_the_rooms_that_changed_are_what_the_readme_shows(workplace: Path) -> None:
    code = next(block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "session_changes" in block)
    step = Step(1, datetime(2026, 11, 20, 8, 30, tzinfo=UTC), "a" * 64, "b" * 64)
    before, after = ([Item({"schedid": "4711", "roomname": room})] for room in ("Ballroom A", "Ballroom B"))
    for account, conference in CONFERENCES:
        key = ConferenceKey(account, conference)
        folder = Store(workplace / "data").folder(SESSION_CHANGES.location, key)
        changes = between(key, before, after, step, Zones())
        write_file(folder / "00000001-a-b.parquet", Pieces(changes.schema, [changes]))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"4711 +│ Ballroom A │ Ballroom B", done.stdout)) == len(CONFERENCES)


def test_there_are_four_readers_and_every_linked_file_exists() -> None:
    assert (len(READERS), len(SPARK_READERS)) == (3, 1)
    links = re.findall(r"\]\(([^):]+)\)", README)
    assert len(links) >= 7
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_table_of_checks_is_that_of_the_catalog() -> None:
    rows = [f"| `{c.name}` | {c.finds} | {c.severity.value} | {c.because} |" for c in CHECKS]
    section = README.split("### What is checked")[1].split("\n### ")[0]
    assert [line for line in section.splitlines() if line.startswith("| `")] == rows
