"""A list of the feed, in the shapes that it comes in: `speakers`, `tracks`, `resources`.

Belongs here: which value is a list of which entries. What an entry is, is the matter of the table made of them. Pure.
"""

import re
from typing import Any

from planion_assets.extended_json import value_of
from planion_assets.members import is_blank
from planion_assets.tables.fields import values
from planion_assets.tables.fields.values import Unreadable

_PLACE = re.compile(r"[0-9]+")


def entries(value: Any) -> list[Any]:
    """The entries of a list; none for no value: null, blank text, an empty list or object.

    An object whose keys are numbers is a list with gaps, as PHP writes one, in the order of its numbers. Any other
    object is a list of that one. A list within a list stands for its entries, however deep it lies. Raises `Unreadable`
    for what is no list: text, a number, true, an object of which only some keys are numbers.
    """
    if not isinstance(value, list):
        value = _as_list(value)
    while list in map(type, value):  # a hundred times at most: the feed's reader refuses what is nested deeper
        value = [inner for entry in value for inner in (entry if isinstance(entry, list) else [entry])]
    listed: list[Any] = value
    return listed


def readable_entries(value: Any) -> list[Any]:
    """The entries of a list; none where it is none, which is noted where the list is read as a column."""
    if not value:
        return []
    try:
        return entries(value)
    except Unreadable:
        return []


def list_text(value: Any) -> str | None:
    """A list as compact JSON text; None for null and blank text. Raises `Unreadable` as `entries` does."""
    return None if is_blank(value) else values.json_text(entries(value))


def _as_list(value: Any) -> list[Any]:
    value = value_of(value)
    if is_blank(value):
        return []
    if not isinstance(value, dict):
        raise Unreadable("no list")
    places = [key for key in value if _PLACE.fullmatch(key)]
    if len(places) == len(value):
        return [value[key] for key in sorted(places, key=_in_order)]
    if places:
        raise Unreadable("neither a list nor an entry")
    return [value]


def _in_order(place: str) -> tuple[int, str, str]:
    """Numbers of any length by their size; those that differ in leading zeros by their text."""
    number = place.lstrip("0")
    return len(number), number, place
