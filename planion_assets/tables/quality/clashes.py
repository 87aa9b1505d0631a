"""Checks of what cannot be at once: sessions in one room, engagements of one person.

A session is the half-open interval from `starts_at_local` to `ends_at_local`: one that begins when another ends does
not clash with it. Sessions without both times, or that end too early, are no interval and clash with nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from planion_assets.tables.fields.values import folded
from planion_assets.tables.quality.model import Contents, Offender, check, moment

_Owner = TypeVar("_Owner", str, tuple[str, ...])


class TimeSlot(NamedTuple):
    """An interval of microseconds since 1970; the order of the fields is that in which slots are swept."""

    start: int
    end: int
    schedid: str


def overlaps(slots: Mapping[_Owner, Iterable[TimeSlot]]) -> list[tuple[_Owner, TimeSlot, TimeSlot]]:
    """Each slot that begins while another of its owner goes on, with the one of those that goes on longest.

    Sorted by owner and start. A session of an owner counts once, and cannot overlap itself. One sweep over the sorted
    slots, and at most one pair for each, however many there are at once.
    """
    found: list[tuple[_Owner, TimeSlot, TimeSlot]] = []
    for owner in sorted(slots):
        longest: TimeSlot | None = None
        for slot in sorted(set(slots[owner])):
            if longest and slot.start < longest.end:
                found.append((owner, slot, longest))
            if not longest or slot.end > longest.end:
                longest = slot
    return found


@check(
    table="sessions",
    finds="Sessions that begin while another goes on in the same room",
    because="sub-sessions within a session are common and meant; two that know nothing of each other are not.",
    columns=("schedid", "overlaps", "room", "starts_at_local", "other_ends_at_local"),
)
def room_is_not_double_booked(contents: Contents) -> list[Offender]:
    """With the session that goes on.

    A room is known by its name within its building, as people find it, whatever the case and spacing; by `roomid`,
    which only some conferences have, where it has no name.
    """
    columns = ("schedid", "starts_at_local", "ends_at_local", "hotelname", "roomname", "roomid")
    slots: defaultdict[tuple[str, ...], list[TimeSlot]] = defaultdict(list)
    names: dict[tuple[str, ...], str] = {}
    for schedid, start, end, hotel, room, roomid in contents.rows("sessions", *columns):
        if None in (schedid, start, end) or start >= end or not (room or roomid):
            continue
        owner = ("name", folded(hotel or ""), folded(room)) if room else ("id", roomid)
        names.setdefault(owner, room or roomid)
        slots[owner].append(TimeSlot(start, end, schedid))
    return [
        (slot.schedid, other.schedid, names[owner], moment(slot.start), moment(other.end))
        for owner, slot, other in overlaps(slots)
    ]


@check(
    table="session_speakers",
    finds="Published engagements of a person who is published in another session that goes on",
    because="a talk can be a part of each session, and a sub-session lies within its session.",
    columns=("schedid", "overlaps", "pid", "starts_at_local", "other_ends_at_local"),
    reads=("sessions", "session_speakers"),
    code_version="2",
)
def person_is_in_one_session_at_a_time(contents: Contents) -> list[Offender]:
    """With the session that goes on.

    Those of people who declined are no engagements. Several roles in one session are one engagement.
    """
    times, link = ("schedid", "starts_at_local", "ends_at_local"), ("schedid", "pid", "declined", "published")
    intervals = {
        schedid: TimeSlot(start, end, schedid)
        for schedid, start, end in contents.rows("sessions", *times)
        if None not in (schedid, start, end) and start < end
    }
    slots: defaultdict[str, list[TimeSlot]] = defaultdict(list)
    for schedid, pid, declined, published in contents.rows("session_speakers", *link):
        if published and pid is not None and schedid in intervals and not declined:
            slots[pid].append(intervals[schedid])
    return [
        (slot.schedid, other.schedid, pid, moment(slot.start), moment(other.end))
        for pid, slot, other in overlaps(slots)
    ]
