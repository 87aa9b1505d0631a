"""The people of the sandbox, and the speaker entries of a session, each an engagement (`pslinkid`) of a person (`pid`).

A person belongs to an account and keeps the same `pid` in all of its conferences, as in the vendor's system
(sessions-feed.md: "linking based on PID (Person - ID), which is unique per person").
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from planion_assets.sandbox.spelling import blank, clock, flag, listed
from planion_assets.sandbox.wording import WORDS, Field, title, topic_of

FIRST_PID = 70001
"""Above every `pid` of the contract's sample session, so that nobody shares one with a person of the sample."""
PRESENTER = "Presenter"
NOTICE = "<p>Unpublished data will be shown &mdash; please do not photograph slides.</p>"
# The organizing roles in the order in which a session fills them, with the vendor's sort order.
LEADING_ROLES = (("Moderator", 1), ("Session Organizer", 2))
SILENT_ROLES = (
    ("Declined Session Presenter", 90, False),
    ("Declined Session Moderator", 91, True),
    ("Eval Contact", 500, False),
    ("Eval Contact", 300, None),
)


@dataclass(frozen=True, slots=True)
class Person:
    """One person of an account, as the parts of a speaker entry that are the same in every session.

    `work` has `pid`, `cargo` (position) and `affil` (affiliation), `personal` name, address and `email`, for the
    conferences whose feed carries them (feed-facts.md, Items).
    """

    work: Mapping[str, str | None]
    personal: Mapping[str, str | None]


def people(rng: Random, count: int) -> tuple[Person, ...]:
    """`count` people with distinct `pid` and distinct names."""
    pairs = [(first, last) for first in WORDS["first_names"] for last in WORDS["last_names"]]
    return tuple(_person(rng, FIRST_PID + place, *pair) for place, pair in enumerate(rng.sample(pairs, count)))


def speaker_item(person: Person, account: str, conference: str) -> dict[str, Any]:
    """A person in the format of the Speakers method: the fields that were seen (feed-facts.md, Items)."""
    pid, name = str(person.work["pid"]), f"{person.personal['fname']} {person.personal['lname']}"
    content = {
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
    return listed("speakers", f"{account}/{pid}", {"account": account, "conference": conference}, content)


def _person(rng: Random, pid: int, first_name: str, last_name: str) -> Person:
    institution, city, state, country = rng.choice(WORDS["institutions"])
    position, honorifics = rng.choice(WORDS["positions"])
    doctor = honorifics[0] in ("Dr.", "Prof.")
    suffix = rng.choice(("PhD", "PhD", "MD", "MD, PhD", "") if doctor else ("MPH", "MSc", "RD", ""))
    affiliation = institution if rng.random() < 0.95 else blank(rng)
    work = {"cargo": position if rng.random() < 0.9 else blank(rng), "pid": str(pid), "affil": affiliation}
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


def engagements(
    rng: Random, crew: Iterable[Person], pslinkids: Iterable[int], field: Field, *, personal: bool
) -> list[dict[str, Any]]:
    """One entry for each person of `crew`: leaders, presenters, some who declined or only handle the evaluation.

    `pslinkids` are as many unused numbers at least; `personal` entries carry names and addresses.
    """
    entries = []
    for place, (person, pslinkid) in enumerate(zip(crew, pslinkids, strict=False)):
        role, order, published = _role(rng, place)
        entry = {
            **person.work,
            "description": (blank(rng) if rng.random() < 0.85 else NOTICE) if role == PRESENTER else None,
            "title": title(topic_of(field, rng), rng) if role == PRESENTER else blank(rng),
            "pslinkid": str(pslinkid),
            "role": role,
            "sortorder": f"{order:03}",
            "startTime": " ",
            "published": flag(rng, published) if published is not None else None,
            "endTime": " ",
            "resources": _resources(rng, pslinkid) if role == PRESENTER else [],
        }
        entries.append({**entry, **person.personal} if personal else entry)
    # The feed promises no order among speakers: only `sortorder` says it.
    rng.shuffle(entries)
    return entries


def schedule_talks(speakers: list[dict[str, Any]], start: int | None, minutes: int) -> None:
    """Give the presenters of `speakers`, in place, equal shares of a session, or no times when `start` is None."""
    presenters = [entry for entry in speakers if entry["role"] == PRESENTER]
    for place, entry in enumerate(sorted(presenters, key=lambda entry: entry["sortorder"])):
        share = minutes // len(presenters)
        entry["startTime"] = " " if start is None else clock(start + place * share)
        entry["endTime"] = " " if start is None else clock(start + (place + 1) * share)


def _role(rng: Random, place: int) -> tuple[str, int, bool | None]:
    if place < len(LEADING_ROLES) and rng.random() < 0.6:
        return (*LEADING_ROLES[place], rng.random() < 0.95)
    if rng.random() < 0.18:
        return rng.choice(SILENT_ROLES)
    return PRESENTER, 10 + place, rng.random() < 0.93


def _resources(rng: Random, pslinkid: int) -> list[dict[str, Any]]:
    if rng.random() < 0.94:
        return []
    files = ({"type": "pdf", "name": "Slides", "size": 48213}, {"type": "video", "name": "Preview", "size": None})
    return [
        dict(file, url=f"https://files.example.org/{pslinkid}/{file['type']}") for file in files[: rng.randint(1, 2)]
    ]
