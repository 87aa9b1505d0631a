"""The order in which a programme prints the people of a session. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from planion_assets.tables.fields import values
from planion_assets.tables.fields.values import readable, remembered

_Order = tuple[int, float, str]


def display_positions(sortorders: Sequence[Any]) -> list[int]:
    """The place of each in print, from 1, given what the feed calls its `sortorder`.

    Numbers come first, by their size, then other texts, then what has none; of equal ones by their text and then by
    their place in the list.
    """
    orders = list(map(_order, sortorders))
    found = [0] * len(orders)
    for rank, place in enumerate(sorted(range(len(orders)), key=orders.__getitem__), start=1):
        found[place] = rank
    return found


def without_gaps(groups: Iterable[str | None], places: Sequence[int], first: int) -> list[int]:
    """The places within each group numbered from `first`, so that no gap tells of rows that were left out."""
    members: dict[str | None, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    found = [0] * len(places)
    for rows in members.values():
        for place, row in enumerate(sorted(rows, key=places.__getitem__), start=first):
            found[row] = place
    return found


@remembered
def _order(value: Any) -> _Order:
    text, number = readable(values.line, value), readable(values.number, value)
    if text is None:
        return 2, 0.0, ""
    return (1, 0.0, text) if number is None else (0, number, text)
