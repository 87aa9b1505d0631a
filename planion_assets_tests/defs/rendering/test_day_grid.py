"""The programme as a grid: what is where, what is marked, and what is left out where there is too much."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from planion_assets.defs.rendering.day_grid import MAX_BYTES, day_grid
from planion_assets.defs.rendering.room_plan import COLUMNS, LANES
from planion_assets_tests.defs.rendering.pictures import colours, contrast, parsed, picture, words

DAY = datetime(2026, 5, 21)  # noqa: DTZ001 - local to the venue
Session = tuple[str | None, float | None, float | None, str]  # room, hours of start and end since DAY began, title


def table(sessions: Iterable[Session]) -> pa.Table:
    """A table of sessions in building A."""
    rows = list(sessions)
    times = [[None if hour is None else DAY + timedelta(hours=hour) for hour in row[1:3]] for row in rows]
    columns: dict[str, pa.Array[Any]] = {
        "schedid": pa.array([str(number) for number in range(len(rows))], pa.string()),
        "starts_at_local": pa.array([start for start, _ in times], pa.timestamp("us")),
        "ends_at_local": pa.array([end for _, end in times], pa.timestamp("us")),
        "hotelname": pa.array(["A"] * len(rows), pa.string()),
        "roomname": pa.array([row[0] for row in rows], pa.string()),
        "roomid": pa.array([None] * len(rows), pa.string()),
        "session_name": pa.array([row[3] for row in rows], pa.string()),
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def _blocks(markdown: str, kind: str) -> list[tuple[int, int, int]]:
    """Of each block of a kind: where it begins from the left and from the top, and how wide it is."""
    paths = "".join(re.findall(rf"<path class='{kind}' d='([^']*)'", picture(markdown)))
    return [(int(x), int(y), int(wide)) for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v", paths)]


def test_rooms_are_rows_and_hours_go_from_left_to_right() -> None:
    markdown = day_grid(table([("Room 10", 11, 12, "Third"), ("Room 2", 9, 10, "First"), ("Room 2", 10, 12, "Second")]))
    assert words(markdown) == ["Thu 21 May 2026", "091011", "Room 2", "Room 10", "First", "Second", "Third"]
    first, second, third = _blocks(markdown, "b")
    assert first[0] + first[2] < second[0] < third[0]
    assert first[1] == second[1] < third[1]
    assert second[2] == pytest.approx(2 * first[2], abs=3)
    assert _blocks(markdown, "c") == []
    assert markdown.endswith("\n\n3 of 3 published sessions, local to the venue.")


def test_two_at_once_in_a_room_are_marked_and_beside_each_other() -> None:
    markdown = day_grid(table([("Hall", 9, 11, "Long"), ("hall", 10, 12, "Late"), ("Hall", 12, 13, "Free")]))
    one, other = sorted(_blocks(markdown, "c"))
    assert one[1] < other[1]
    assert [y for _, y, _ in _blocks(markdown, "b")] == [one[1]]
    assert "two at once in a room" in markdown
    # In two rooms, or one after the other, they are none.
    assert "two at once" not in day_grid(table([("Hall", 9, 11, ""), ("Salon", 10, 12, ""), ("Hall", 11, 12, "")]))


def test_nothing_to_draw_is_said() -> None:
    assert day_grid(table([])) == "no sessions"
    assert day_grid(table([("Hall", None, None, "Untimed")])) == "none of 1 sessions has a day and a time of day"


def test_sessions_without_a_room_or_an_end_or_that_end_another_day_are_drawn() -> None:
    markdown = day_grid(
        table(
            [
                (None, 9, None, "Open end"),
                ("Hall", 20, 40, "Night"),
                ("Hall", None, 9, "Untimed"),
                ("Hall", 8, 7, "Back"),
            ]
        )
    )
    assert "no room" in words(markdown)
    width = int(parsed(markdown).attrib["width"])
    assert max(x + wide for x, _, wide in _blocks(markdown, "b")) <= width
    assert markdown.endswith(
        "3 of 4 published sessions, local to the venue. Left out: 1 without a day or a time of day."
    )


def test_each_day_is_below_the_one_before() -> None:
    markdown = day_grid(table([("Hall", 33, 34, "Later"), ("Hall", 9, 10, "Sooner")]))
    days = [word for word in words(markdown) if "2026" in word]
    assert days == ["Thu 21 May 2026", "Fri 22 May 2026"]
    assert markdown.startswith("![rooms by hours on Thu 21 May 2026, Fri 22 May 2026](")
    assert "translate(0 " in picture(markdown)


def test_of_many_at_once_a_few_are_drawn_and_the_rest_counted() -> None:
    markdown = day_grid(table([("Posters", 9, 12, f"Poster {number}") for number in range(40)]))
    assert len(_blocks(markdown, "c")) == LANES
    assert f"Left out: {40 - LANES} beside {LANES} others in their room." in markdown


def _conference(days: int, rooms: int, per_room: int, title: str, room: str = "Room {}") -> Iterable[Session]:
    for day in range(days):
        for number in range(rooms):
            for slot in range(per_room - day % 2):  # so that days differ
                start = 24 * day + 8 + slot * 10 / per_room
                yield room.format(number), start, start + 8 / per_room, title


LARGE = {
    "fits": (3, 4, 3, "Opening plenary"),
    "many days": (40, 4, 6, "Opening plenary of the society"),
    "many rooms": (2, 300, 6, "Opening plenary of the society"),
    "many sessions": (1, 1, 2000, "Talk"),
    "all of it": (30, 40, 20, "Opening plenary of the society"),
    "wide letters": (2, 40, 12, "心臓" * 40, "会議室🫀心臓外科{}"),
    "markup": (2, 40, 12, "\x00\x1b[31m\ufffe<&>'\"" * 40, "&&&&&&&&&&&&&&&&&&{}"),
}


@pytest.mark.parametrize("size", LARGE.values(), ids=LARGE)
def test_it_is_never_longer_than_its_limit_and_says_what_it_leaves_out(size: tuple[int, int, int, str]) -> None:
    data = table(_conference(*size))
    markdown = day_grid(data)
    assert len(markdown.encode()) <= MAX_BYTES
    drawn = sum(len(_blocks(markdown, kind)) for kind in "bc")
    assert drawn > 0
    said = [int(number) for number in re.findall(r"\d+", markdown.rpartition("\n\n")[2].replace(f"beside {LANES}", ""))]
    assert said[:2] == [drawn, data.num_rows]
    assert sum(said[2:]) == data.num_rows - drawn
    parsed(markdown)


def test_the_busiest_days_are_drawn_in_their_order() -> None:
    sessions = [("Hall", 24 * day + 9 + slot, 24 * day + 9.5 + slot, "Talk") for day in range(9) for slot in range(day)]
    days = [word[:10] for word in words(day_grid(table(sessions))) if "2026" in word]
    assert days == sorted(days, key=lambda day: int(day[4:6]))
    assert days[-1] == "Fri 29 May"
    assert "on days with fewer" in day_grid(table(sessions))


def test_titles_can_be_read_on_blocks_in_both_colour_schemes() -> None:
    markdown = day_grid(table([("Hall", 9, 10, "Talk"), ("Hall", 9, 10, "Talk")]))
    inks = re.findall(r"svg\{background:#\w+;fill:(#\w+)", picture(markdown))
    for rule in (".b", ".c"):
        grounds = colours(markdown, rule)
        assert len(inks) == len(grounds) == 2
        assert all(contrast(ink, ground) > 7 for ink, ground in zip(inks, grounds, strict=True))
