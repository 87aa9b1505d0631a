"""The types of session in the sandbox, and what follows from a type: how often, how many people, how long,
which titles.

A session of a type is made in `items.py`.
"""

from dataclasses import dataclass

from planion_assets.sandbox.wording import COMMITTEE_TITLES, EVENT_TITLES, SCIENCE_TITLES

CREDITED_MINUTES = 75
"""Shorter sessions earn no credits."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of session: `sestype`, name, share of all sessions, speakers (least, most), minutes, titles."""

    code: str
    name: str
    weight: int
    speakers: tuple[int, int]
    minutes: int
    titles: tuple[str, ...] = SCIENCE_TITLES


SYMPOSIUM = Kind("101101", "Symposium", 26, (3, 8), 90)
COMMITTEE = Kind("101140", "Committee Meeting", 7, (0, 4), 60, COMMITTEE_TITLES)
SPECIAL_EVENT = Kind("101136", "Special Event", 6, (0, 2), 60, EVENT_TITLES)
KINDS = (
    SYMPOSIUM,
    Kind("101102", "Oral Session", 28, (3, 6), 75),
    Kind("101110", "Poster Session", 18, (2, 5), 90),
    Kind("101120", "Workshop", 10, (2, 4), 75),
    Kind("101105", "Plenary Lecture", 5, (1, 2), 60),
    COMMITTEE,
    SPECIAL_EVENT,
)

TITLES = {kind.name: kind.titles for kind in KINDS}
"""`sessionType` -> the templates of its titles."""
