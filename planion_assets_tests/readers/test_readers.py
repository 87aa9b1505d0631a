"""Each reader gives the same rows, types, instants and nulls for every table, over all conferences at once."""

import pyarrow as pa
import pytest

from planion_assets.storage.local_store import LocalStore
from planion_assets.tables import catalog
from planion_assets.tables.arrow.builder import build_table
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


OF_TWO_KINDS = [
    catalog.table(name) for name in ("raw_sessions", "sessions", "session_speakers", "session_tracks", "speakers")
]


@pytest.fixture(scope="module")
def of_two_kinds(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    """Tables of two conferences, one of which has an object wherever the other one has text."""
    store = LocalStore(tmp_path_factory.mktemp("kinds"))
    contents = [everywhere(value, "1") for value in ({"level": 1}, "Introductory")]
    for table in OF_TWO_KINDS:
        for key, content in zip(KEYS, contents, strict=True):
            store.write(table.location, key, build_table(table, key, items_of((text_of(content),))).data)
    return store


@pytest.mark.parametrize("reader", READERS)
def test_a_field_may_be_an_object_in_one_file_and_text_in_the_next(reader: str, of_two_kinds: LocalStore) -> None:
    for table in OF_TWO_KINDS:
        rows = pa.concat_tables([of_two_kinds.read(table.location, key) for key in KEYS])
        found = READERS[reader](of_two_kinds.path(table.location, KEYS[0]).parent.parent)
        assert differences(read_files(rows), found) == [], table.name
