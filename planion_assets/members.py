"""Finding a member of a JSON object by its key, in whatever letter case the key was written.

Belongs here: what the feed's reader and the tables must agree on, since both look for identifiers. The letter case of
all keys of a record at once is in `planion_assets.tables.fields.spellings`. Pure.
"""

import functools
import itertools
from collections.abc import Collection
from typing import Any

from planion_assets.extended_json import value_of

OWNER = ("account", "conference")
"""The members by which an item names whose it is."""

# Characters of a name of which all spellings are looked for at once: at most 512.
_FEW = 9


def member(content: Any, name: str) -> Any:
    """The member of that name; None where there is none, or the content is no object.

    Where no key is written exactly so, one that differs in letter case counts: of several, the first by code points,
    so that the order in which keys came does not matter.
    """
    if not isinstance(content, dict):
        return None
    if name in content:
        return content[name]
    found: Collection[str]
    if len(name) <= _FEW:  # such as an identifier: in a fifth of the time
        found = _spellings(name).intersection(content)
    else:
        lower = name.lower()
        found = [key for key in content if key.lower() == lower]
    return content[min(found)] if found else None


@functools.cache  # of names in this code
def _spellings(name: str) -> frozenset[str]:
    """The name in letters of either case, in all ways."""
    return frozenset(map("".join, itertools.product(*((letter.lower(), letter.upper()) for letter in name))))


def names_owner(content: Any) -> bool:
    """Whether an object names both the account and the conference that it belongs to, whichever those are."""
    return not any(is_blank(value_of(member(content, name))) for name in OWNER)


def is_blank(value: object) -> bool:
    """Whether a value is one of the feed's ways of writing no value (feed-facts.md, Items), extended JSON apart."""
    return value is None or (isinstance(value, str) and not value.strip())
