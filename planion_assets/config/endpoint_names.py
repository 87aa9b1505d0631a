"""Which names `endpoints` may hold: those of the feed's methods, of which each becomes a folder, a table and an asset.

Belongs here: the rule, and the names that are taken. A message repeats a name that is taken and no other value, which
may be a token in the wrong place.
"""

import re
from typing import Any

PATTERN = r"^(?!raw_|published)[a-z][a-z0-9_]{0,39}$"
"""What a name is: no slash, space, point or upper-case letter, of which a disk, an address or a tool makes another."""
TAKEN = frozenset(
    {
        "conference_status",
        "conferences",
        "rejected_items",
        "rejected_people",
        "session_changes",
        "session_credits",
        "session_custom_fields",
        "session_learning_objectives",
        "session_speakers",
        "session_tracks",
        "speaker_changes",
        "speaker_resources",
    }
)
"""The names of tables that are made of the feed's sessions and people."""
SCHEMA: dict[str, Any] = {
    "pattern": PATTERN,
    "not": {"enum": sorted(TAKEN)},
    "examples": ["sessions", "speakers", "abstracts", "eposters", "disclosures"],
}
"""What an editor is told of one."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TAKEN_BEGINNINGS = ("raw_", "published")


def checked_endpoint_name(name: str) -> str:
    """The name of a method of the feed. Raises ValueError for one that would be no folder, or another table's."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            "is not the name of a method of the feed; write it as its address ends, in at most 40 lower-case letters, "
            "digits and underscores, such as abstracts"
        )
    if name in TAKEN:
        raise ValueError(f"is the name of the table {name}, which is made of the sessions or people; take it out")
    if name.startswith(_TAKEN_BEGINNINGS):
        raise ValueError("begins with raw_ or published, as the names of other tables do; take it out")
    return name


def checked_endpoints(names: tuple[str, ...]) -> tuple[str, ...]:
    """The methods of an account, each once; what everything else hangs on is among them."""
    if "sessions" not in names:
        raise ValueError("does not name sessions, to which everything else belongs; write [sessions, speakers]")
    if len(set(names)) != len(names):
        raise ValueError("names one twice; keep one")
    return names
