"""The code that the documents show runs as it stands."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import CONFERENCES
from planion_assets.storage.atomic_write import replace
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import Pieces
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.diff import Step, between
from planion_assets.tables.endpoint_tables import endpoint_tables
from planion_assets.tables.model import Table, Zones
from planion_assets.tables.quality.model import Check, Contents
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.pages import module_of, python_blocks
from planion_assets_tests.tables.items import Item, rows

_READERS = python_blocks("docs/how-to/read-the-files.md")
_OF_FIELDS = [block for block in _READERS if "abstracts" in block]
READERS = [block for block in _READERS if "pyspark" not in block and block not in _OF_FIELDS]
FIELD_READERS = [block for block in _OF_FIELDS if "pyspark" not in block]
SPARK_READERS = [block for block in _READERS if "pyspark" in block]
"""Run by readers/test_spark.py, where there is Java."""

(DOWNSTREAM,) = python_blocks("docs/tutorial/downstream-asset.md")
(CHANGES,) = python_blocks("docs/how-to/follow-changes.md")
NEW_TABLE, NEW_CHECK = python_blocks("CONTRIBUTING.md")


@pytest.mark.parametrize("code", READERS, ids=lambda code: code.split()[1])
def test_a_reader_of_the_files_sees_every_conference(
    workplace: Path, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    store = LocalStore(workplace / "data")
    for account, conference in CONFERENCES:
        key = ConferenceKey(account, conference)
        store.write("sessions", key, pa.table({"account": [account], "conference": [conference]}))
    store.path("sessions", key).with_name(".half-written.parquet.tmp").write_bytes(b"PAR1")
    module_of(code, "docs/how-to/read-the-files.md")
    printed = capsys.readouterr().out
    for _, conference in CONFERENCES:
        assert re.search(rf"\b{conference}\b", printed), printed


def test_the_rooms_that_changed_are_found(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step = Step(1, datetime(2026, 11, 20, 8, 30, tzinfo=UTC), "a" * 64, "b" * 64)
    before, after = ([Item({"schedid": "4711", "roomname": room})] for room in ("Ballroom A", "Ballroom B"))
    for account, conference in CONFERENCES:
        key = ConferenceKey(account, conference)
        folder = LocalStore(workplace / "data").folder(SESSION_CHANGES.location, key)
        changes = between(key, before, after, step, Zones())
        replace(folder / "00000001-a-b.parquet", Pieces(changes.schema, [changes]).write)
    module_of(CHANGES, "docs/how-to/follow-changes.md")
    assert len(re.findall(r"4711 +│ Ballroom A │ Ballroom B", capsys.readouterr().out)) == len(CONFERENCES)


def test_there_are_four_readers() -> None:
    assert (len(READERS), len(FIELD_READERS), len(SPARK_READERS)) == (3, 3, 2)


@pytest.mark.parametrize("code", FIELD_READERS, ids=lambda code: code.split()[1])
def test_each_reader_makes_a_column_of_each_field(
    workplace: Path, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    store, (_, fields) = LocalStore(workplace / "data"), endpoint_tables("abstracts")
    for name, more in (("AM1", {"status": "Accepted"}), ("AM2", {"authors": [{"name": "A"}]})):
        key = ConferenceKey("AAA", name)
        items = [Item({"abstractid": f"{name}-7", **more}), Item({"abstractid": None, "status": f"of {name}"})]
        store.write(fields.location, key, build_table(fields, key, items).data)
    module_of(code, "docs/how-to/read-the-files.md")
    printed = capsys.readouterr().out
    for value in ("AM1-7", "AM2-7", "Accepted", "of AM1", "of AM2"):
        assert value in printed


def test_the_table_of_the_sample_takes_whatever_a_list_can_hold() -> None:
    sample: Table = module_of(NEW_TABLE, "CONTRIBUTING.md")["SESSION_GROUPS"]
    groups = ({"Name": "Chairs"}, "Members", None, 7, [{"name": "Guests"}])
    sessions = ({"schedid": "1", "groups": list(groups)}, {"schedid": "2", "groups": None}, {"schedid": "3"})
    assert [row[-1] for row in rows(sample, *sessions)] == ["Chairs", "Members", None, "7", "Guests"]


def test_the_check_of_the_sample_finds_what_it_says() -> None:
    sample: Check = module_of(NEW_CHECK, "CONTRIBUTING.md")["published_session_is_titled"]
    published, name = [True, True, False, None], [None, "Opening", None, None]
    sessions = pa.table({"schedid": ["1", "2", "3", "4"], "published": published, "session_name": name})
    assert sample.find(Contents({"sessions": sessions})) == [("1",)]
    assert len(sample.columns) == 1
