"""Conferences that hold every spelling that the tests of tables know, from which the golden file is made.

A test of values, times, lists or markup that gets another example is a part of it without being named here.
"""

import functools
import json
import re
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from planion_assets.feed.item import Item
from planion_assets.sandbox import Sandbox
from planion_assets.tables.model import Zones
from planion_assets_tests.tables.arbitrary import EXAMPLES, SESSION_KEYS, everywhere, items_of, text_of
from planion_assets_tests.tables.fields import test_html, test_lists, test_times, test_timestamps, test_values
from planion_assets_tests.tables.test_tables import CONTRACT, DIRTY

ZONES = (Zones(), Zones("Europe/Berlin", "America/Chicago"))
"""Without a venue's zone, and with two in which clocks change."""

_EXAMPLES_OF = (test_values, test_times, test_html, test_timestamps, test_lists)
_LONG = 500  # characters of a value that only some columns get
_DAY, _CLOCK = "2024-11-03", "10:00 am"
_CLASHES = [
    {
        **{"schedid": f"{n}", "startDate": _DAY, "startTime": _CLOCK, "endTime": "11:00 am"},
        "endDate": "2024-11-02" * (n == 8),
        **{"hotelname": "Inn" * (n % 2), "roomname": "A" * (n % 3), "roomid": n % 4},
        "speakers": [{"pid": n % 2, "published": n != 3, "role": "Declined" * (n % 4) or "Chair"}],
    }
    for n in range(9)
]
_LOCAL = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})")


@functools.cache
def corpus() -> dict[str, list[Item]]:
    """The items of each conference, by its name."""
    found = list(_distinct(value for module in _EXAMPLES_OF for value in _parameters(module)))
    short = [value for value in found if len(text_of(value)) <= _LONG]
    written: dict[str, Iterable[Any]] = {
        "values": (everywhere(value, f"{n}") for n, value in enumerate(short)),
        "long values": ({"schedid": f"{n}", **_long(value)} for n, value in enumerate(found) if value not in short),
        "identifiers": ({"schedid": value, "pid": value, "speakers": [{}]} for value in short),
        "lists": ({"schedid": f"{n}", "speakers": value, "tracks": value} for n, value in enumerate(short)),
        "people": (
            {"pid": f"{n}", **dict.fromkeys(("fname", "bio", "Title", "more"), value)} for n, value in enumerate(short)
        ),
        "times": ({"schedid": f"{n}", **times} for n, times in enumerate(_times(short))),
        "dirty": DIRTY,
        "contract": [CONTRACT, {**CONTRACT, "schedid": 7, "session_updated_at": None}],
        "sandbox": Sandbox().items("AAA", "MESS"),
        "clashes": _CLASHES,
        "no speakers": [{"schedid": "1", "published": True}, {"schedid": "2"}],
        "nothing": [],
    }
    items = {name: items_of(tuple(map(text_of, contents))) for name, contents in written.items()}
    return items | {f"example {n}": items_of(texts) for n, texts in enumerate(EXAMPLES)}


def _parameters(module: ModuleType) -> Iterator[Any]:
    """What the tests of a module are called with, as far as a feed can send it."""
    for test in vars(module).values():
        for mark in getattr(test, "pytestmark", ()):
            for value in mark.args[1] if mark.name == "parametrize" else ():
                yield from filter(_is_json, value if isinstance(value, tuple) else (value,))


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_json, value.values()))
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or (isinstance(value, str | int | float) and value == value)  # noqa: PLR0124 - not NaN


def _distinct(values: Iterable[Any]) -> Iterator[Any]:
    """Each once, as JSON tells them apart."""
    return iter({json.dumps(value): value for value in values}.values())


def _long(value: Any) -> dict[str, Any]:
    return dict.fromkeys(("description", "credits1", "rstartmins", "startDate", "session_updated_at"), value)


def _times(values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Sessions whose start or end is one of the values, in each of the places for it."""
    for value in values:
        if isinstance(value, dict) and set(value) <= set(SESSION_KEYS):
            yield value
            yield {"startDate": _DAY, "startTime": "07:30 pm", **value}
        if isinstance(value, str) and (local := _LOCAL.fullmatch(value)):
            yield {"startDate": local[1], "startTime": local[2]}
        yield {"startDate": value, "rstartmins": 600, "endTime": _CLOCK}
        yield {"startDate": _DAY, "startTime": value, "rstartmins": 30, "endTime": _CLOCK}
        yield {"startDate": _DAY, "startTime": _CLOCK, "endDate": value, "endTime": value, "rendmins": 30}
        yield {"startDate": _DAY, "rstartmins": value, "rendmins": value}
