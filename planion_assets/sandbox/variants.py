"""Other ways in which the feed writes what a clean item says: a few of each in every larger conference.

What an item says stays the same: each way is one that leaves no doubt. What leaves doubts is in `mess.py`, the usual
disorder of blanks and flags in `spelling.py`.
"""

from collections.abc import Callable
from random import Random
from typing import Any

Item = dict[str, Any]
Variant = Callable[[Item], bool]
"""Writes something of an item in another way, in place; whether there was anything of the kind."""

LEAST = 80
"""Sessions that a conference has at least of which some are written otherwise."""
_OF_EACH = 2


def varied(rng: Random, items: list[Item]) -> dict[int, Item]:
    """Copies of some items by their places, no item twice: a few for each way."""
    found: dict[int, Item] = {}
    if len(items) < LEAST:
        return found
    for variant in VARIANTS:
        left = _OF_EACH
        for place in rng.sample(range(len(items)), len(items)):
            # All that a variant changes in place.
            copy = items[place] | {"speakers": [dict(speaker) for speaker in items[place]["speakers"]]}
            if place not in found and variant(copy):
                found[place], left = copy, left - 1
            if not left:
                break
    return found


def _day_with(ending: str) -> Variant:
    def write(item: Item) -> bool:
        return _rewrite(item, "startDate", lambda day: day + ending)

    return write


def _stamp_with(between: str, ending: str) -> Variant:
    def write(item: Item) -> bool:
        return _rewrite(item, "session_updated_at", lambda stamp: stamp.replace(" ", between) + ending)

    return write


def _time(write: Callable[[int, str, str], str | None]) -> Variant:
    """A time of day by its hour from 1 to 12, its minutes and its half."""

    def written(text: str) -> str | None:
        return write(int(text[:2]), text[3:5], text[6:])

    return lambda item: _rewrite(item, "startTime", written)


def _rewrite(item: Item, key: str, write: Callable[[str], str | None]) -> bool:
    text = item.get(key)
    if not isinstance(text, str) or not text.strip():
        return False
    said = write(text)
    if said is not None:
        item[key] = said
    return said is not None


def _minutes_beyond_midnight(item: Item) -> bool:
    """The next day said by the minutes alone: the end date repeats the start date."""
    start, end = item.get("rstartmins"), item.get("rendmins")
    if not isinstance(start, str) or not start.strip() or not isinstance(end, str) or int(end) >= int(start):
        return False
    item["rendmins"], item["endDate"] = str(int(end) + 24 * 60), item["startDate"]
    return True


def _comma(item: Item) -> bool:
    return _rewrite(item, "credits1", lambda text: text.replace(".", ",") if text == "1.5" else None)


def _spaces(item: Item) -> bool:
    return _rewrite(item, "roomname", lambda name: f" {name.replace(' ', '  ')} " if name.strip() else None)


def _one_track(item: Item) -> bool:
    """An only track without a list around it."""
    tracks = item.get("tracks") or []
    if len(tracks) == 1:
        item["tracks"] = tracks[0]
    return len(tracks) == 1


def _speaker(key: str, spellings: dict[str, str]) -> Variant:
    """The first engagement that has one of those values."""

    def written(item: Item) -> bool:
        for speaker in item["speakers"]:
            if speaker.get(key) in spellings:
                speaker[key] = spellings[speaker[key]]
                return True
        return False

    return written


VARIANTS: tuple[Variant, ...] = (
    _day_with(" 00:00:00"),
    _day_with("T00:00:00"),
    _stamp_with("T", "Z"),
    _stamp_with(" ", ".000000"),
    _time(lambda hour, minute, half: f"{hour % 12 + 12 * (half == 'pm'):02}:{minute}"),
    _time(lambda hour, minute, half: f"{hour}:{minute} {half[0]}.m."),
    _time(lambda hour, minute, half: f"{hour}:{minute} {half.upper()} CST"),
    _time(lambda hour, minute, half: f"{hour}{half}" if minute == "00" else None),
    _minutes_beyond_midnight,
    _comma,
    _spaces,
    _one_track,
    _speaker("sortorder", {"001": "1", "002": "2.0", "010": "10", "011": " 11 "}),
    _speaker("role", {"Declined Session Presenter": "Session Presenter - Withdrawn"}),
    _speaker("role", {"Declined Session Moderator": "Session Moderator (declined)"}),
    _speaker("role", {"Session Organizer": "Session  Organizer "}),
)
"""Each way to write something otherwise."""
