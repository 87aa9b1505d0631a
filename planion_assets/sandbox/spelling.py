"""The several ways in which the feed writes no value, a flag, a time of day, and when and where a session is held.

They are those of feed-facts.md, Items.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from planion_assets.sandbox.plans import Conference, Room

PUBLISHED: tuple[bool | int | str, ...] = (True, 1, "1")
NOT_PUBLISHED: tuple[bool | int | None, ...] = (False, 0, None)
BEYOND_FLOAT = "@1e400@"
"""Stands in content for the JSON number 1e400, which Python has no number for; `json_text` writes it."""

EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT"
LATE_START, LATE_MINUTES = 21 * 60 + 30, 180
_A_DAY = 24 * 60
_PLACE = (
    "startDate", "startTime", "rstartmins", "endDate", "endTime", "rendmins",
    "roomid", "roomname", "hotelname", "sched_roomname", "location",
)  # fmt: skip


def json_text(content: Any) -> str:
    """`content` as the feed writes it, lone halves of surrogate pairs escaped."""
    return json.dumps(content).replace(json.dumps(BEYOND_FLOAT), "1e400")


def bookkeeping(method: str, internal: str, account: str, conference: str) -> dict[str, Any]:
    """What every item of a method begins with: its `internal` ID, links, and whose it is."""
    return {
        "_id": internal,
        "_created": EPOCH,
        "_updated": EPOCH,
        "_links": {"self": {"href": f"{method}/{internal}", "title": method.removesuffix("s")}},
        "account": account,
        "conference": conference,
    }


def listed(method: str, name: str, owner: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """An item of a method with the bookkeeping that every item of the feed has; its `name` is no other's."""
    internal = hashlib.sha256(name.encode()).hexdigest()[:24]
    item = {**bookkeeping(method, internal, owner["account"], owner["conference"]), **content}
    return item | {"_etag": hashlib.sha256(json.dumps(item).encode()).hexdigest()[:40]}


def blank(rng: Random) -> str | None:
    """One way of writing no value."""
    return rng.choice(("", " ", None))


def flag(rng: Random, published: bool) -> bool | int | str | None:
    """One way of writing a flag."""
    return rng.choice(PUBLISHED) if published else rng.choice(NOT_PUBLISHED)


def clock(minutes: int) -> str:
    """Minutes after midnight as the feed writes a time: 1170 is "07:30 pm", and 1470 is "12:30 am"."""
    hour, minute = divmod(minutes % _A_DAY, 60)
    return f"{hour % 12 or 12:02}:{minute:02} {'am' if hour < 12 else 'pm'}"


@dataclass(frozen=True, slots=True)
class Slot:
    """When and where: a day, the minute after midnight it begins, and a room."""

    day: date
    start: int
    room: Room


def place(rng: Random, conference: Conference, slot: Slot | None, minutes: int) -> dict[str, Any]:
    """The keys that say when and where a session in `slot` is held, blank for one that has no date and room yet.

    A session that ends after midnight has an `endTime` before its `startTime`, and its `endDate` is the next day or
    blank.
    """
    if slot is None:
        return {name: blank(rng) for name in _PLACE} | {"startTime": " ", "endTime": " "}
    end = slot.start + minutes
    end_day = slot.day + timedelta(days=end // _A_DAY)
    return {
        "startDate": slot.day.isoformat(),
        "startTime": clock(slot.start),
        "rstartmins": str(slot.start),
        "endDate": end_day.isoformat() if rng.random() < 0.6 else blank(rng),
        "endTime": clock(end),
        "rendmins": str(end % _A_DAY),
        "roomid": slot.room.roomid,
        "roomname": slot.room.name,
        "hotelname": conference.hotel,
        "sched_roomname": f"{conference.hotel}: {slot.room.name}",
        "location": blank(rng),
    }
