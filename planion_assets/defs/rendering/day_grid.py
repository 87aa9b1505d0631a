"""The programme as people print it: a grid of the busiest days, rooms by hours, sessions as blocks. Pure.

Of published sessions only, and nothing about people. The picture is a part of an event: so it is at most `MAX_BYTES`
long however large the conference is, and says what it leaves out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from planion_assets.defs.rendering.room_plan import LANES, Booking, Programme, RoomPlan, programme_of, room_plans
from planion_assets.defs.rendering.svg_image import document, encoded, fitting, image, text

MAX_BYTES = 10_000
_OTHERS = 1200  # of these for what is the same in every grid: styles, words before and after
_DAYS, _ROOMS, _BLOCKS = 5, 16, 240
_LESS = ((_ROOMS, True), (_ROOMS, False), (_ROOMS // 4, False))  # rooms, and whether blocks have titles
_LEFT, _WIDTH = 120, 960  # pixels
_HEAD, _LANE, _GAP, _BASE = 32, 16, 4, 11
_LIGHT = ".b{fill:#cfdffc}.c{fill:#ffd3cd;stroke:#b3261e}.l{stroke:#dde1e8}"
_DARK = ".b{fill:#26457a}.c{fill:#6b211b;stroke:#ffb4ab}.l{stroke:#363d4b}"
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class _DayGrid:
    """A day as it is drawn from the top of the picture; `body` counts as so many bytes of Markdown."""

    day: int
    plans: Sequence[RoomPlan]
    body: str
    size: int
    height: int


def day_grid(sessions: pa.Table) -> str:
    """Markdown: the grid of a table that has `room_plan.COLUMNS`, and what it leaves out. Times are local."""
    programme = programme_of(sessions)
    if not sessions.num_rows:
        return "no sessions"
    if not programme.days:
        return f"none of {sessions.num_rows} sessions has a day and a time of day"
    grids = _grids(programme)
    body, height = [], 0
    for grid in grids:
        body.append(f"<g transform='translate(0 {height})'>{grid.body}</g>" if height else grid.body)
        height += grid.height
    shows = "rooms by hours on " + ", ".join(_date(grid.day) for grid in grids)
    svg = document(_WIDTH, height, "".join(body), light=_LIGHT, dark=_DARK)
    return image(shows, svg) + "\n\n" + _note(programme, grids)


def _grids(programme: Programme) -> list[_DayGrid]:
    """The busiest days that there is room for, in their order; one at least, with less of it where it is too large."""
    busiest = programme.busiest()[:_DAYS]
    grids: list[_DayGrid] = []
    left = MAX_BYTES - _OTHERS
    for rooms, titled in _LESS:
        for day in [] if grids else busiest:
            grid = _grid(programme, day, rooms, titled=titled)
            left -= grid.size
            if left < 0:
                break
            grids.append(grid)
        left = MAX_BYTES - _OTHERS
    return sorted(grids, key=lambda grid: grid.day)


def _grid(programme: Programme, day: int, rooms: int, *, titled: bool) -> _DayGrid:
    plans = room_plans(programme.days[day], rooms, _BLOCKS)
    bookings = [booking for plan in plans for lane in plan.lanes for booking in lane]
    first, last = min(one.start for one in bookings) // 60, -(-max(one.end for one in bookings) // 60)
    per_hour = (_WIDTH - _LEFT) / (last - first)
    height = _HEAD + sum(len(plan.lanes) * _LANE + _GAP for plan in plans)
    hours = range(first, last)
    places = [round(_LEFT + (hour - first) * per_hour) for hour in hours]
    lines = [f"M{x} {_HEAD - 6}V{height}" for x in places]
    # One text whose digits have each a place: a text for each hour would be a tenth of the picture.
    digits = " ".join(f"{x} {x + 6}" for x in places)
    head = [text(4, _HEAD - 10, _date(day), " font-weight='bold'")]
    head.append(f"<text x='{digits}' y='{_HEAD - 10}'>{''.join(f'{hour:02}' for hour in hours)}</text>")
    names, titles = [], []
    blocks: dict[bool, list[str]] = {False: [], True: []}
    y = _HEAD
    for plan in plans:
        lines.append(f"M0 {y - 3}H{_WIDTH}")
        names.append(text(4, y + _BASE, fitting(plan.room.name, _LEFT - 8)))
        for lane in plan.lanes:
            for booking in lane:
                x, width = _extent(booking, first, per_hour)
                blocks[booking.clashes].append(f"M{x} {y}h{width}v{_LANE - 2}h-{width}z")
                if titled and (title := fitting(booking.title, width - 6)):
                    titles.append(text(x + 3, y + _BASE, title))
            y += _LANE
        y += _GAP
    drawn = (("l", lines), ("b", blocks[False]), ("c", blocks[True]))
    paths = [f"<path class='{kind}' d='{''.join(found)}'/>" for kind, found in drawn if found]
    body = "".join([*paths, *head, *names, *titles])
    return _DayGrid(day, plans, body, len(encoded(body)), height)


def _extent(booking: Booking, first: int, per_hour: float) -> tuple[int, int]:
    """Where a block begins and how wide it is, in pixels; one after the other do not touch."""
    x = round(_LEFT + (booking.start / 60 - first) * per_hour)
    return x, max(2, round(_LEFT + (booking.end / 60 - first) * per_hour) - x - 2)


def _date(day: int) -> str:
    return f"{_EPOCH + timedelta(day):%a %d %b %Y}"


def _note(programme: Programme, grids: Sequence[_DayGrid]) -> str:
    """What is drawn of how much, and why the rest is not."""
    plans = [plan for grid in grids for plan in grid.plans]
    drawn, crowded = sum(plan.drawn for plan in plans), sum(plan.left_out for plan in plans)
    of_days = sum(programme.count(grid.day) for grid in grids)
    others = {
        "without a day or a time of day": programme.untimed,
        "on days with fewer": programme.sessions - programme.untimed - of_days,
        "in rooms with fewer": of_days - drawn - crowded,
        f"beside {LANES} others in their room": crowded,
    }
    notes = [f"{drawn} of {programme.sessions} published sessions, local to the venue."]
    if any(booking.clashes for plan in plans for lane in plan.lanes for booking in lane):
        notes.append("With a red edge: two at once in a room.")
    if left_out := [f"{count} {why}" for why, count in others.items() if count]:
        notes.append(f"Left out: {', '.join(left_out)}.")
    return " ".join(notes)
