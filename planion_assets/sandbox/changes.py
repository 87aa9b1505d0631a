"""How the items of a conference change from one reading to the next: edits, additions and removals."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime
from random import Random

from planion_assets.sandbox.items import TIMESTAMP, Item, ItemFactory, seal
from planion_assets.sandbox.people import schedule_talks
from planion_assets.sandbox.plans import Room
from planion_assets.sandbox.spelling import PUBLISHED, flag, place
from planion_assets.sandbox.wording import KINDS

LEAST_TO_REMOVE_FROM = 20
"""A conference with fewer sessions is only edited, so that none is ever empty."""

Counts = dict[str, int]
UNCHANGED: Mapping[str, int] = {"edited": 0, "added": 0, "removed": 0}
Edit = Callable[[Random, ItemFactory, Item], None]


def draw(rng: Random, size: int) -> Counts:
    """How many of `size` items are edited, added and removed next."""
    counts = dict(UNCHANGED)
    if size:
        counts["edited"] = min(size, rng.randint(3, 8))
    if size >= LEAST_TO_REMOVE_FROM:
        counts |= {"added": rng.randint(1, 3), "removed": rng.randint(1, 3)}
    return counts


def moved_on(rng: Random, factory: ItemFactory, items: list[Item], counts: Counts, now: datetime) -> list[Item]:
    """The items after as many changes as `counts` says, which is from `draw` for this number of items.

    `items` are not changed. `now` (UTC) is the `session_updated_at` of every edited and added item.
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
    templates = next(kind.titles for kind in KINDS if kind.name == item["sessionType"])
    _, item["sessionName"] = factory.topic_and_title(rng, templates, rng.choice(factory.conference.fields))


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
    speaker["published"] = flag(rng, speaker["published"] not in PUBLISHED)


def _turn_session_flag(rng: Random, factory: ItemFactory, item: Item) -> None:
    item["published"] = flag(rng, item["published"] not in PUBLISHED)


EDITS: tuple[Edit, ...] = (_change_room, _retitle, _turn_speaker_flag, _change_time, _turn_session_flag)
"""The kinds of edit, taken in turn so that a few advances show all of them."""
