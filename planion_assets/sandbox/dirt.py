"""The disorder of the feed: the several ways in which it writes the same thing.

The spellings of "no value" and of a flag belong here, and the venue's clock. Source: feed-facts.md, Items.
"""

import json
from random import Random
from typing import Any

BLANKS: tuple[str | None, ...] = ("", " ", None)
"""The ways of writing that there is no value."""

SHOWN: tuple[bool | int | str, ...] = (True, 1, "1")
"""The ways of writing `published`."""

HIDDEN: tuple[bool | int | None, ...] = (False, 0, None)
"""The ways of writing not `published`; null is one of them."""


BEYOND_FLOAT = "@1e400@"
"""Stands in content for the JSON number 1e400, which Python has no number for; `json_text` writes it."""


def json_text(content: Any) -> str:
    """`content` as the feed writes it, lone halves of surrogate pairs escaped."""
    return json.dumps(content).replace(json.dumps(BEYOND_FLOAT), "1e400")


def blank(rng: Random) -> str | None:
    """One way of writing no value."""
    return rng.choice(BLANKS)


def flag(rng: Random, shown: bool) -> bool | int | str | None:
    """One way of writing a flag."""
    return rng.choice(SHOWN) if shown else rng.choice(HIDDEN)


def is_shown(value: object) -> bool:
    """Whether a flag written by `flag` says yes."""
    return value in SHOWN


def clock(minutes: int) -> str:
    """Minutes after midnight as the feed writes a time: 1170 is "07:30 pm", and 1470 is "12:30 am"."""
    hour, minute = divmod(minutes % (24 * 60), 60)
    return f"{hour % 12 or 12:02}:{minute:02} {'am' if hour < 12 else 'pm'}"
