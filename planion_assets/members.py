"""Finding a member of a JSON object by its key, in whatever letter case the key was written.

Belongs here: what the feed's reader and the tables must agree on, since both look for identifiers. The letter case of
all keys of a record at once is in `planion_assets.tables.spellings`. Pure.
"""

from typing import Any


def member(content: Any, name: str) -> Any:
    """The member of that name; None where there is none, or the content is no object.

    Where no key is written exactly so, one that differs in letter case counts: of several, the first by code points,
    so that the order in which keys came does not matter.
    """
    if not isinstance(content, dict):
        return None
    if name in content:
        return content[name]
    folded, length = name.lower(), len(name)
    found = [key for key in content if len(key) == length and key.lower() == folded]
    return content[min(found)] if found else None
