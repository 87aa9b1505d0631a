"""Other ways in which the feed writes the values of an item: a few of each in every larger conference.

Each can be read in one way only. What cannot is in `mess.py`, the usual disorder of blanks and flags in `spelling.py`.
"""

from collections.abc import Callable
from random import Random
from typing import Any

Item = dict[str, Any]
Variant = Callable[[Item], bool]
"""Writes a value of an item in another way, in place; returns whether there was such a value."""

LEAST = 80
"""A conference with fewer sessions has none of these."""
_OF_EACH = 2


def varied(rng: Random, items: list[Item]) -> dict[int, Item]:
    """Copies of some items by their positions, a few for each way."""
    found: dict[int, Item] = {}
    if len(items) < LEAST:
        return found
    for variant in VARIANTS:
        left = _OF_EACH
        for place in rng.sample(range(len(items)), len(items)):
            # As deep as a variant changes it.
            copy = items[place] | {"speakers": [dict(speaker) for speaker in items[place]["speakers"]]}
            if place not in found and variant(copy):
                found[place], left = copy, left - 1
            if not left:
                break
    return found


def _written(key: str, write: Callable[[str], str | None]) -> Variant:
    """The text of a member in another way; `write` gives None for a text that has no such way."""

    def variant(item: Item) -> bool:
        text = item.get(key)
        said = write(text) if isinstance(text, str) and text.strip() else None
        if said is not None:
            item[key] = said
        return said is not None

    return variant


def _time(write: Callable[[int, str, str], str | None]) -> Variant:
    """A start time; `write` takes its hour from 1 to 12, its minutes, and am or pm."""
    return _written("startTime", lambda text: write(int(text[:2]), text[3:5], text[6:]))


def _minutes_beyond_midnight(item: Item) -> bool:
    """An end after midnight as more minutes than a day has: the end date is the start date."""
    start, end = item.get("rstartmins"), item.get("rendmins")
    if not isinstance(start, str) or not start.strip() or not isinstance(end, str) or int(end) >= int(start):
        return False
    item["rendmins"], item["endDate"] = str(int(end) + 24 * 60), item["startDate"]
    return True


def _one_track(item: Item) -> bool:
    """A single track without a list around it."""
    tracks = item.get("tracks") or []
    if len(tracks) == 1:
        item["tracks"] = tracks[0]
    return len(tracks) == 1


def _speaker(key: str, spellings: dict[str, str]) -> Variant:
    """One of those values of the first speaker entry that has one."""

    def written(item: Item) -> bool:
        for speaker in item["speakers"]:
            if speaker.get(key) in spellings:
                speaker[key] = spellings[speaker[key]]
                return True
        return False

    return written


VARIANTS: tuple[Variant, ...] = (
    _written("startDate", lambda day: f"{day} 00:00:00"),
    _written("startDate", lambda day: f"{day}T00:00:00"),
    _written("session_updated_at", lambda stamp: stamp.replace(" ", "T") + "Z"),
    _written("session_updated_at", lambda stamp: f"{stamp}.000000"),
    _time(lambda hour, minute, half: f"{hour % 12 + 12 * (half == 'pm'):02}:{minute}"),
    _time(lambda hour, minute, half: f"{hour}:{minute} {half[0]}.m."),
    _time(lambda hour, minute, half: f"{hour}:{minute} {half.upper()} CST"),
    _time(lambda hour, minute, half: f"{hour}{half}" if minute == "00" else None),
    _minutes_beyond_midnight,
    _written("credits1", lambda text: text.replace(".", ",") if text == "1.5" else None),
    _written("roomname", lambda name: f" {name.replace(' ', '  ')} "),
    _one_track,
    _speaker("sortorder", {"001": "1", "002": "2.0", "010": "10", "011": " 11 "}),
    _speaker("role", {"Declined Session Presenter": "Session Presenter - Withdrawn"}),
    _speaker("role", {"Declined Session Moderator": "Session Moderator (declined)"}),
    _speaker("role", {"Session Organizer": "Session  Organizer "}),
)
"""Each way to write something otherwise."""
