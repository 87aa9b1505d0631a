"""Which session is in which room on a day, those at once in lanes beside each other, to be drawn as a grid. Pure."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from planion_assets.tables.quality.clashes import room_is_not_double_booked
from planion_assets.tables.quality.model import Contents

COLUMNS = ("schedid", "starts_at_local", "ends_at_local", "hotelname", "roomname", "roomid", "session_name")
LANES = 3  # at most in one room, for sessions at once
NO_ROOM = "no room"
_MINUTE = 60_000_000  # microseconds
DAY = 24 * 60  # minutes
_SHORTEST = 15  # minutes that are drawn of a session without an end


class Booking(NamedTuple):
    """A session in a room, in minutes of its day. Sessions are sorted in the order of these fields."""

    start: int
    end: int
    title: str
    clashes: bool


class RoomKey(NamedTuple):
    """A room by its building and name in lower case; `name` is as it is spelled first."""

    hotel: str
    folded: str
    name: str


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room on a day: the sessions of each lane in their order, and how many no lane has room for."""

    room: RoomKey
    lanes: Sequence[Sequence[Booking]]
    left_out: int

    @property
    def drawn(self) -> int:
        """The number of sessions in lanes."""
        return sum(map(len, self.lanes))


@dataclass(frozen=True, slots=True)
class Programme:
    """The bookings by day, a number of days since 1970, and room; `untimed` sessions have no day or time of day."""

    days: dict[int, dict[RoomKey, list[Booking]]]
    sessions: int
    untimed: int

    def busiest(self) -> list[int]:
        """The days, that with most sessions first."""
        return sorted(self.days, key=lambda day: (-self.count(day), day))

    def count(self, day: int) -> int:
        """The number of sessions that start on a day."""
        return sum(map(len, self.days[day].values()))


def programme_of(sessions: pa.Table) -> Programme:
    """The programme of a table that has `COLUMNS`. A clash is what the check `room_is_not_double_booked` finds."""
    contents = Contents({"sessions": sessions})
    clashing = {schedid for found in room_is_not_double_booked.find(contents) for schedid in found[:2]}
    days: defaultdict[int, defaultdict[RoomKey, list[Booking]]] = defaultdict(lambda: defaultdict(list))
    rooms: dict[tuple[str, str], RoomKey] = {}
    untimed = 0
    for schedid, start, end, hotel, room, roomid, title in contents.rows("sessions", *COLUMNS):
        if start is None:
            untimed += 1
            continue
        day, minute = divmod(start // _MINUTE, DAY)
        until = minute + _SHORTEST if end is None or end <= start else minute + (end - start) // _MINUTE
        name = room or roomid or NO_ROOM
        folded = (hotel or "").casefold(), name.casefold()
        place = rooms.get(folded) or rooms.setdefault(folded, RoomKey(*folded, name))
        days[day][place].append(Booking(minute, min(until, DAY), title or "", schedid in clashing))
    return Programme({day: dict(found) for day, found in days.items()}, sessions.num_rows, untimed)


def room_plans(bookings: dict[RoomKey, list[Booking]], rooms: int, most: int) -> list[RoomPlan]:
    """The rooms with most sessions, so many of them and of their sessions, in the order of their names."""
    plans: list[RoomPlan] = []
    for room in sorted(bookings, key=lambda one: (-len(bookings[one]), one))[:rooms]:
        if not most:
            break
        plans.append(_plan(room, sorted(bookings[room])[:most]))
        most -= plans[-1].drawn
    return sorted(plans, key=lambda plan: _order(plan.room))


def _plan(room: RoomKey, bookings: Sequence[Booking]) -> RoomPlan:
    lanes: list[list[Booking]] = []
    left_out = 0
    for booking in bookings:
        free = next((lane for lane in lanes if lane[-1].end <= booking.start), None)
        if free is not None:
            free.append(booking)
        elif len(lanes) < LANES:
            lanes.append([booking])
        else:
            left_out += 1
    return RoomPlan(room, lanes, left_out)


def _order(room: RoomKey) -> tuple[bool, str, list[tuple[int, str]]]:
    """Room 2 before room 10, and what has no room last."""
    words = [(int(word), "") if word.isdecimal() else (0, word) for word in re.split(r"(\d+)", room.folded)]
    return room.name == NO_ROOM, room.hotel, words
