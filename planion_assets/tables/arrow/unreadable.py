"""What is noted of values that could not be read as their column's type: how many, examples, which sessions.

Which values those are is found in `columns.py`. Pure.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from planion_assets.tables.fields import values
from planion_assets.tables.model import Column, Record

_EXAMPLES = 3
_EXAMPLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class UnreadableValues:
    """How many values of one column could not be read as its type, and up to three of them as JSON text.

    There are no examples of personal data. `schedids` names up to three sessions that have such a value.
    """

    column: str
    count: int
    examples: tuple[str, ...]
    schedids: tuple[str, ...]

    def and_of(self, more: "UnreadableValues") -> "UnreadableValues":
        """The unreadable values of these rows and of some more."""
        schedids = dict.fromkeys(self.schedids + more.schedids)
        return UnreadableValues(
            self.column,
            self.count + more.count,
            (self.examples + more.examples)[:_EXAMPLES],
            tuple(schedids)[:_EXAMPLES],
        )


def unreadable_values(column: Column, found: Sequence[tuple[Record, Any]]) -> UnreadableValues:
    """The unreadable values of a column, each given with the record that it is of."""
    examples = [] if column.personal else [_short(value) for _, value in found[:_EXAMPLES]]
    # A dict keeps the order in which the sessions come, each once.
    schedids = dict.fromkeys(values.readable(values.identifier, record.get("schedid")) for record, _ in found)
    known = [schedid for schedid in schedids if schedid is not None]
    return UnreadableValues(column.name, len(found), tuple(examples), tuple(known[:_EXAMPLES]))


def unreadable_json(unreadable: Iterable[UnreadableValues]) -> str:
    """Unreadable values by column as a JSON object, in UTF-8, of `count`, `examples` and `schedids`."""
    found = {
        bad.column: {"count": bad.count, "examples": list(bad.examples), "schedids": list(bad.schedids)}
        for bad in unreadable
    }
    return json.dumps(found, ensure_ascii=False)


def _short(value: Any) -> str:
    """The beginning of the value's JSON text."""
    return values.with_escaped_halves(json.dumps(value, ensure_ascii=False))[:_EXAMPLE_CHARACTERS]
