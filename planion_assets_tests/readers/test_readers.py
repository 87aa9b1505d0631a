"""Each reader gives the same rows, types, instants and nulls for every table, over all conferences at once."""

import pytest

from planion_assets_tests.readers.answer import differences
from planion_assets_tests.readers.readers import READERS
from planion_assets_tests.readers.stored import Stored


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_gives_the_rows_types_instants_and_nulls_that_are_stored(
    reader: str, stored: dict[str, Stored]
) -> None:
    read = READERS[reader]
    found = {name: differences(table.expected, read(table.folder)) for name, table in stored.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}
