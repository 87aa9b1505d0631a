"""The people of the sandbox: who they are, not what they do at a session (see `engagements.py`).

A person belongs to an account and keeps the same `pid` in all of its conferences, as in the vendor's system
(sessions-feed.md: "linking based on PID (Person - ID), which is unique per person").
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from planion_assets.sandbox.dirt import blank
from planion_assets.sandbox.vocabulary import FIRST_NAMES, INSTITUTIONS, LAST_NAMES, POSITIONS

FIRST_PID = 70001
"""Above every `pid` of the contract's sample session, so that nobody shares one with a person of the sample."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person of an account, as the parts of a speaker entry that are the same at every engagement.

    Attributes:
        work: `pid`, `cargo` (position) and `affil` (affiliation).
        personal: name, address and `email`, for the conferences whose feed carries them (feed-facts.md,
        Items).
    """

    work: Mapping[str, str | None]
    personal: Mapping[str, str | None]


def people(rng: Random, count: int) -> tuple[Person, ...]:
    """`count` people with distinct `pid` and distinct names.

    Raises:
        ValueError: if `count` is greater than the number of distinct pairs of first and last name.
    """
    pairs = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    return tuple(_person(rng, FIRST_PID + place, *pair) for place, pair in enumerate(rng.sample(pairs, count)))


def _person(rng: Random, pid: int, first_name: str, last_name: str) -> Person:
    institution, city, state, country = rng.choice(INSTITUTIONS)
    position, honorifics = rng.choice(POSITIONS)
    doctor = honorifics[0] in ("Dr.", "Prof.")
    suffix = rng.choice(("PhD", "PhD", "MD", "MD, PhD", "") if doctor else ("MPH", "MSc", "RD", ""))
    affiliation = institution if rng.random() < 0.95 else blank(rng)
    work = {
        "cargo": position if rng.random() < 0.9 else blank(rng),
        "pid": str(pid),
        "affil": affiliation,
    }
    personal = {
        "fname": first_name,
        "lname": last_name,
        "honorific": rng.choice(honorifics) or blank(rng),
        "suffix": suffix or blank(rng),
        "company": affiliation,
        "city": city,
        "state": state or blank(rng),
        "country": country,
        "email": _email(first_name, last_name, pid) if rng.random() < 0.9 else blank(rng),
    }
    return Person(work, personal)


def _email(first_name: str, last_name: str, pid: int) -> str:
    """An address in the reserved domain example.org, unique by `pid`."""
    letters = unicodedata.normalize("NFKD", f"{first_name}.{last_name}".lower())
    plain = "".join(letter for letter in letters if letter.isascii() and (letter.isalnum() or letter == "."))
    return f"{plain}.{pid}@example.org"
