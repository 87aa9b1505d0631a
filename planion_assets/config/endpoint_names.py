"""Which names `endpoints` may hold. Each is a method of the feed, and becomes a folder, a table and an asset.

A message repeats a reserved name and no other value, which may be a token in the wrong place.
"""

import re
from collections.abc import Iterable
from typing import Any

from planion_assets.method_tables import table_of_method

PATTERN = r"^(?![Rr][Aa][Ww][_.-]|[Pp][Uu][Bb][Ll][Ii][Ss][Hh][Ee][Dd])[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,38}[A-Za-z0-9])?$"
"""What a name is: a part of an address as the vendor spells it, of which no slash, space or sign makes another."""
RESERVED = frozenset({
    "conference_status", "conferences", "rejected_items", "rejected_people", "session_changes", "session_credits",
    "session_custom_fields", "session_learning_objectives", "session_speakers", "session_tracks", "speaker_changes",
    "speaker_resources",
})  # fmt: skip
"""The names of tables that are made of the feed's sessions and people."""
SCHEMA: dict[str, Any] = {
    "pattern": PATTERN,
    "not": {"enum": sorted(RESERVED)},
    "examples": ["sessions", "speakers", "abstracts", "eposters", "disclosures"],
}
"""What an editor is told of one."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,38}[A-Za-z0-9])?")
_READ = ("sessions", "speakers")
_RESERVED_PREFIXES = ("raw_", "published")


def checked_endpoint_name(name: str) -> str:
    """The name of a method of the feed. Raises ValueError for one that would be no folder, or another table's."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            "is not the name of a method of the feed; write it as its address ends, in at most 40 letters, digits, "
            "hyphens, points and underscores, such as abstracts"
        )
    table = table_of_method(name)
    if table in RESERVED:
        raise ValueError(f"is the name of the table {table}, which is made of the sessions or people; take it out")
    if table in _READ and name != table:
        raise ValueError(f"would be the table {table}; write {table}")
    if table.startswith(_RESERVED_PREFIXES):
        raise ValueError("begins with raw_ or published, as the names of other tables do; take it out")
    return name


def checked_endpoints(names: tuple[str, ...]) -> tuple[str, ...]:
    """The methods of an account, each once, with sessions among them."""
    if "sessions" not in names:
        raise ValueError("does not name sessions, to which everything else belongs; write [sessions, speakers]")
    if len(set(names)) != len(names):
        raise ValueError("names one twice; keep one")
    if has_rivals(names):
        raise ValueError("names two that would be one table, as e-posters and E_Posters would; keep one")
    return names


def has_rivals(names: Iterable[str]) -> bool:
    """Whether two different names would be one table."""
    distinct = set(names)
    return len({table_of_method(name) for name in distinct}) != len(distinct)
