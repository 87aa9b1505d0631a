"""The people of the sandbox: who they are, not what they do at a session (see `engagements.py`).

A person belongs to an account and keeps the same `pid` in all of its conferences, as in the vendor's system
(sessions-feed.md: "linking based on PID (Person - ID), which is unique per person").
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

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


def speaker_items(crowd: Sequence[Person], account: str, conference: str) -> list[dict[str, Any]]:
    """The people in the format of the Speakers method: the fields that were seen (feed-facts.md, Items)."""
    return [_speaker_item(person, account, conference) for person in crowd]


def _speaker_item(person: Person, account: str, conference: str) -> dict[str, Any]:
    pid, name = str(person.work["pid"]), f"{person.personal['fname']} {person.personal['lname']}"
    # Bookkeeping as every item of the feed has it.
    internal = hashlib.sha256(f"{account}/{pid}".encode()).hexdigest()[:24]
    content = {
        "_id": internal,
        "_created": "Thu, 01 Jan 1970 00:00:00 GMT",
        "_updated": "Thu, 01 Jan 1970 00:00:00 GMT",
        "_links": {"self": {"href": f"speakers/{internal}", "title": "speaker"}},
        "account": account,
        "conference": conference,
        "pid": pid,
        "fname": person.personal["fname"],
        "lname": person.personal["lname"],
        "title": person.personal["honorific"],
        "company": person.personal["company"],
        "bio": f"<p>{name} works at {person.work['affil'] or 'several places'}.</p>" if int(pid) % 3 else "",
        # A field that no reader knows, as some accounts have them.
        **({"nickname": f"{person.personal['fname']}!"} if int(pid) % 40 == 0 else {}),
        "piclink": f"https://files.example.org/people/{pid}.jpg" if int(pid) % 2 else None,
    }
    etag = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:40]
    return content | {"_etag": etag}


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
