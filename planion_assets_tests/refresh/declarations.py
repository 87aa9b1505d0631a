"""A table's declaration changed for the time of a test, as other code has it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.model import Table


@contextlib.contextmanager
def changeable(table: Table) -> Iterator[Callable[[str, Any], None]]:
    """Sets an attribute of the declaration; its version and columns are as before after the block."""
    before = {name: getattr(table, name) for name in ("code_version", "columns")}

    def change(name: str, value: Any) -> None:
        object.__setattr__(table, name, value)
        schema_of.cache_clear()  # its key is the table, which is the same object

    yield change
    for name, value in before.items():
        change(name, value)
