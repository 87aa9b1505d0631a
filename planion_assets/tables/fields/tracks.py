"""The tracks of a session: a list of names with a value each. Pure."""

from collections.abc import Iterator
from typing import Any

from planion_assets.members import is_blank, member
from planion_assets.tables.fields import values
from planion_assets.tables.fields.lists import entries, readable_entries
from planion_assets.tables.fields.values import Unreadable
from planion_assets.tables.model import JsonObject

_KEYS = ("track", "desc")


def tracks_of(value: Any) -> Iterator[dict[str, Any]]:
    """An object of `track` and `desc` for each entry of a list, as the feed sent them; none for what is no list."""
    return map(_track, readable_entries(value))


def track_list(value: Any) -> str | None:
    """The list as JSON text, each entry an object of `track` and `desc`, text or null; None for null and blank text.

    Raises `Unreadable` for what is no list, and for one with an object that is no track.
    """
    if is_blank(value):
        return None
    found = entries(value)
    if any(isinstance(entry, dict) and entry and not _is_track(entry) for entry in found):
        raise Unreadable("no track")
    return values.json_text([{name: values.line(said) for name, said in _track(entry).items()} for entry in found])


def _is_track(entry: JsonObject) -> bool:
    """Whether a member is one of a track's, in whatever letter case; a track without a name is one with no value."""
    return any(key.lower() in _KEYS for key in entry)


def _track(entry: Any) -> dict[str, Any]:
    # An entry that is no object can only be the name of a track.
    return {name: member(entry, name) for name in _KEYS} if isinstance(entry, dict) else {"track": entry, "desc": None}
