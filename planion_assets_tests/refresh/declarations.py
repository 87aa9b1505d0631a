"""A table's declaration changed for the time of a test, as other code has it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from planion_assets.tables.model import Table


@contextlib.contextmanager
def changeable(table: Table) -> Iterator[Callable[[str, Any], None]]:
    """Sets an attribute of the declaration; its version and columns are as before after the block."""
    before = {name: getattr(table, name) for name in ("code_version", "columns")}
    yield lambda name, value: object.__setattr__(table, name, value)
    for name, value in before.items():
        object.__setattr__(table, name, value)
