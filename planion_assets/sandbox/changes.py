"""How the items of a conference move on: edits, additions and removals.

What happens to content between two readings belongs here. Making an item from nothing is in `items.py`, and
when it happens is up to the caller.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from random import Random

from planion_assets.sandbox.conferences import Room
from planion_assets.sandbox.dirt import flag, is_shown
from planion_assets.sandbox.engagements import schedule_talks
from planion_assets.sandbox.items import TIMESTAMP, Item, ItemFactory, seal
from planion_assets.sandbox.kinds import TITLES
from planion_assets.sandbox.schedule import place

LEAST_TO_REMOVE_FROM = 20
"""A conference with fewer sessions is edited only, so that none is ever emptied."""

Counts = dict[str, int]
Edit = Callable[[Random, ItemFactory, Item], None]


def unchanged() -> Counts:
    """The counts of a conference that did not move."""
    return {"edited": 0, "added": 0, "removed": 0}


def draw(rng: Random, size: int) -> Counts:
    """How many of `size` items are edited, added and removed next."""
    if size == 0:
        return unchanged()
    small = size < LEAST_TO_REMOVE_FROM
    return {
        "edited": min(size, rng.randint(3, 8)),
        "added": 0 if small else rng.randint(1, 3),
        "removed": 0 if small else rng.randint(1, 3),
    }


def moved_on(rng: Random, factory: ItemFactory, items: list[Item], counts: Counts, now: datetime) -> list[Item]:
    """The items that follow `items`, with as many edits, additions and removals as `counts` says.

    The items given are left as they are: readers may still hold them.

    Args:
        counts: from `draw`, for this number of items.
        now: the instant of the changes, in UTC; `session_updated_at` of every edited and added item.
    """
    touched = rng.sample(range(len(items)), counts["edited"] + counts["removed"])
    after: list[Item | None] = list(items)
    first = rng.randrange(len(EDITS))
    for turn, position in enumerate(touched[: counts["edited"]]):
        after[position] = _edited(rng, factory, items[position], EDITS[(first + turn) % len(EDITS)], now)
    for position in touched[counts["edited"] :]:
        after[position] = None
    added = [factory.make(rng, now) for _ in range(counts["added"])]
    return [item for item in after if item is not None] + added


def _edited(rng: Random, factory: ItemFactory, item: Item, edit: Edit, now: datetime) -> Item:
    copy = deepcopy(item)
    edit(rng, factory, copy)
    stamp = now.strftime(TIMESTAMP)
    stamps = ["session_updated_at", "updated_at"] + ["schedule_updated_at"] * (edit in (_change_room, _change_time))
    return seal(copy | dict.fromkeys(stamps, stamp))


def _retitle(rng: Random, factory: ItemFactory, item: Item) -> None:
    _, item["sessionName"] = factory.topic_and_title(
        rng, TITLES[item["sessionType"]], rng.choice(factory.conference.fields)
    )


def _change_room(rng: Random, factory: ItemFactory, item: Item) -> None:
    others = [room for room in factory.conference.rooms if room.name != item["roomname"]]
    room: Room = rng.choice(others)
    item["roomid"], item["roomname"] = room.roomid, room.name
    item["hotelname"] = factory.conference.hotel
    item["sched_roomname"] = f"{factory.conference.hotel}: {room.name}"


def _change_time(rng: Random, factory: ItemFactory, item: Item) -> None:
    slot = factory.free_slot(rng)
    minutes = rng.choice((60, 75, 90))
    item.update({key: value for key, value in place(rng, factory.conference, slot, minutes).items() if key in item})
    schedule_talks(item["speakers"], slot.start, minutes)


def _turn_speaker_flag(rng: Random, factory: ItemFactory, item: Item) -> None:
    if not item["speakers"]:
        return _retitle(rng, factory, item)
    speaker = rng.choice(item["speakers"])
    speaker["published"] = flag(rng, not is_shown(speaker["published"]))


def _turn_session_flag(rng: Random, factory: ItemFactory, item: Item) -> None:
    item["published"] = flag(rng, not is_shown(item["published"]))


EDITS: tuple[Edit, ...] = (_change_room, _retitle, _turn_speaker_flag, _change_time, _turn_session_flag)
"""The kinds of edit, taken in turn so that a few advances show all of them."""
