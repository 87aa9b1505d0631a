"""When and where a session is held, and the keys of a feed item that say so.

The format of dates, times and rooms belongs here. Which session gets which slot is decided in `items.py`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from planion_assets.sandbox.conferences import Conference, Room
from planion_assets.sandbox.dirt import blank, clock

LATE_START = 21 * 60 + 30
LATE_MINUTES = 180


@dataclass(frozen=True, slots=True)
class Slot:
    """When and where: a day, the minute after midnight it begins, and a room."""

    day: date
    start: int
    room: Room


def place(rng: Random, conference: Conference, slot: Slot | None, minutes: int) -> dict[str, Any]:
    """The keys that say when and where, for a session in `slot`, or blank for one that has no date and room
    yet.

    A session that ends after midnight has an `endTime` before its `startTime`, and its `endDate` is the next
    day or blank.
    """
    names = (
        "startDate", "startTime", "rstartmins", "endDate", "endTime", "rendmins",
        "roomid", "roomname", "hotelname", "sched_roomname", "location",
    )  # fmt: skip
    if slot is None:
        return {name: blank(rng) for name in names} | {"startTime": " ", "endTime": " "}
    end = slot.start + minutes
    end_day = slot.day + timedelta(days=end // (24 * 60))
    return {
        "startDate": slot.day.isoformat(),
        "startTime": clock(slot.start),
        "rstartmins": str(slot.start),
        "endDate": end_day.isoformat() if rng.random() < 0.6 else blank(rng),
        "endTime": clock(end),
        "rendmins": str(end % (24 * 60)),
        "roomid": slot.room.roomid,
        "roomname": slot.room.name,
        "hotelname": conference.hotel,
        "sched_roomname": f"{conference.hotel}: {slot.room.name}",
        "location": blank(rng),
    }
