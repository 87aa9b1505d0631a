"""What is said about a session: its type, title, description and learning objectives.

The words are in `words.json`; every noun phrase of a field there is singular or uncountable and written as in the
middle of a sentence, so that any template takes any of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

WORDS: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
SCIENCE, EVENT, LATE, COMMITTEE = (tuple(WORDS["titles"][name]) for name in ("science", "event", "late", "committee"))
"""Templates of titles."""

CREDITED_MINUTES = 75
"""Shorter sessions earn no credits."""


@dataclass(frozen=True, slots=True)
class Field:
    """One scientific field: what is studied, where, how, and what it is good for."""

    name: str
    phenomena: tuple[str, ...]
    systems: tuple[str, ...]
    methods: tuple[str, ...]
    outcomes: tuple[str, ...]


FIELDS = {name: Field(**words) for name, words in WORDS["fields"].items()}


@dataclass(frozen=True, slots=True)
class SessionKind:
    """A type of session: `sestype`, name, share of all sessions, speakers (least, most), minutes, titles."""

    code: str
    name: str
    weight: int
    speakers: tuple[int, int]
    minutes: int
    titles: tuple[str, ...] = SCIENCE


SYMPOSIUM = SessionKind("101101", "Symposium", 26, (3, 8), 90)
COMMITTEE_MEETING = SessionKind("101140", "Committee Meeting", 7, (0, 4), 60, COMMITTEE)
SPECIAL_EVENT = SessionKind("101136", "Special Event", 6, (0, 2), 60, EVENT)
KINDS = (
    SYMPOSIUM,
    SessionKind("101102", "Oral Session", 28, (3, 6), 75),
    SessionKind("101110", "Poster Session", 18, (2, 5), 90),
    SessionKind("101120", "Workshop", 10, (2, 4), 75),
    SessionKind("101105", "Plenary Lecture", 5, (1, 2), 60),
    COMMITTEE_MEETING,
    SPECIAL_EVENT,
)


Topic = Mapping[str, str]
"""What one session or talk is about: by its kind one phrase of each from one field, which fill in a template."""


def topic_of(field: Field, rng: Random) -> Topic:
    """A topic of `field`."""
    kinds = (field.phenomena, field.systems, field.methods, field.outcomes)
    return dict(zip(("phenomenon", "system", "method", "outcome"), map(rng.choice, kinds), strict=True))


def title(topic: Topic, rng: Random, templates: tuple[str, ...] = SCIENCE) -> str:
    """The title of a session about `topic`, or of one talk in it, in title case."""
    words = rng.choice(templates).format(**topic).split(" ")
    return " ".join(
        _capital(word)
        if place == 0 or words[place - 1].endswith((":", "?")) or word not in WORDS["small_words"]
        else word
        for place, word in enumerate(words)
    )


def description(topic: Topic, rng: Random) -> str:
    """A few paragraphs with HTML markup and entities (sessions-feed.md, Data Response Elements, `description`)."""
    parts = [rng.choice(WORDS[name]) for name in ("openings", "bodies", "closings")]
    text = "\n".join(part for part in parts if part).format(**topic)
    # A template may open its first paragraph with a lower-case phrase.
    return text[:3] + text[3].upper() + text[4:] if text.startswith("<p>") else text


def objectives(topic: Topic, rng: Random) -> list[str]:
    """Two to four learning objectives."""
    return [template.format(**topic) for template in rng.sample(WORDS["objectives"], rng.randint(2, 4))]


@cache
def _capital(word: str) -> str:
    """The word capitalized but for abbreviations in it ("7T", "mRNA", "CRISPR")."""
    return "-".join(part if part != part.lower() else part[:1].upper() + part[1:] for part in word.split("-"))
