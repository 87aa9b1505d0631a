"""Finds a member of a JSON object by its key, in whatever letter case the key is written.

The feed's reader and the tables both look for identifiers, and must agree. All keys of a record at once are matched in
`planion_assets.tables.fields.spellings`. Pure.
"""

from typing import Any

from planion_assets.extended_json import value_of

OWNER = ("account", "conference")
"""The members by which an item names whose it is."""


def member(content: Any, name: str) -> Any:
    """The member of that name; None where there is none, or the content is no object.

    Where no key is written exactly so, one that differs in letter case counts: of several, the first by code points,
    so that the order of the keys does not matter.
    """
    if not isinstance(content, dict):
        return None
    if name in content:
        return content[name]
    lower = name.lower()
    found = [key for key in content if key.lower() == lower]
    return content[min(found)] if found else None


def names_owner(content: Any) -> bool:
    """Whether an object names both the account and the conference that it belongs to, whichever those are."""
    return not any(is_blank(value_of(member(content, name))) for name in OWNER)


def is_blank(value: object) -> bool:
    """Whether a value is one of the feed's ways of writing no value (feed-facts.md, Items), extended JSON apart."""
    return value is None or (isinstance(value, str) and not value.strip())
