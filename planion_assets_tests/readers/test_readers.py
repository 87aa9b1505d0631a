"""Each reader gives the same rows, types, instants and nulls for every table, over all conferences at once."""

from pathlib import Path

import pyarrow as pa
import pytest

from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.readers.answer import differences
from planion_assets_tests.readers.awkward import KEYS
from planion_assets_tests.readers.readers import READERS, read_files
from planion_assets_tests.readers.stored import Stored
from planion_assets_tests.tables.arbitrary import everywhere, items_of, text_of


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_gives_the_rows_types_instants_and_nulls_that_are_stored(
    reader: str, stored: dict[str, Stored]
) -> None:
    read = READERS[reader]
    found = {name: differences(table.expected, read(table.folder)) for name, table in stored.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("reader", READERS)
def test_a_field_may_be_an_object_in_one_file_and_text_in_the_next(reader: str, tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    contents = [everywhere(value, "1") for value in ({"level": 1}, "Introductory")]
    for table in TABLES:
        for key, content in zip(KEYS, contents, strict=True):
            store.write(table.location, key, build_table(table, key, items_of((text_of(content),))).data)
        rows = pa.concat_tables([store.read(table.location, key) for key in KEYS])
        found = READERS[reader](store.path(table.location, KEYS[0]).parent.parent)
        assert differences(read_files(rows), found) == [], table.name
