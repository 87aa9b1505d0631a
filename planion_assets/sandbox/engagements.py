"""The speakers of a session: who is engaged for what, and when they speak.

A speaker entry is one engagement (`pslinkid`) of one person (`pid`); see sessions-feed.md, "The Speakers
array". The people themselves are in `people.py`.
"""

from collections.abc import Iterable
from random import Random
from typing import Any

from planion_assets.sandbox.dirt import blank, clock, flag
from planion_assets.sandbox.people import Person
from planion_assets.sandbox.vocabulary import Field
from planion_assets.sandbox.wording import Topic, title

PRESENTER = "Presenter"

# The organizing roles, in the order in which a session fills them, with the sort order the vendor's system
# gives them.
LEADING_ROLES = (("Moderator", 1), ("Session Organizer", 2))
SILENT_ROLES = (
    ("Declined Session Presenter", 90, False),
    ("Declined Session Moderator", 91, True),
    ("Eval Contact", 500, False),
    ("Eval Contact", 300, None),
)


def engagements(
    rng: Random, crew: Iterable[Person], pslinkids: Iterable[int], field: Field, *, personal: bool
) -> list[dict[str, Any]]:
    """One entry for each person of `crew`: leaders, presenters, and some who declined or only handle the
    evaluation.

    Args:
        crew: distinct people, zero to eight of them.
        pslinkids: at least as many unused numbers.
        personal: whether the entries carry names and addresses (feed-facts.md, Items).
    """
    entries = []
    for place, (person, pslinkid) in enumerate(zip(crew, pslinkids, strict=False)):
        role, order, shown = _role(rng, place)
        entry = {
            **person.work,
            "description": _talk_abstract(rng) if role == PRESENTER else None,
            "title": title(Topic.of(field, rng), rng) if role == PRESENTER else blank(rng),
            "pslinkid": str(pslinkid),
            "role": role,
            "sortorder": f"{order:03}",
            "startTime": " ",
            "published": flag(rng, shown) if shown is not None else None,
            "endTime": " ",
            "resources": _resources(rng, pslinkid) if role == PRESENTER else [],
        }
        entries.append({**entry, **person.personal} if personal else entry)
    # The feed promises no order among speakers: `sortorder` alone says it.
    rng.shuffle(entries)
    return entries


def schedule_talks(speakers: list[dict[str, Any]], start: int | None, minutes: int) -> None:
    """Give the presenters of `speakers`, in place, equal shares of a session, or no times when `start` is None."""
    presenters = sorted(
        (entry for entry in speakers if entry["role"] == PRESENTER), key=lambda entry: entry["sortorder"]
    )
    for place, entry in enumerate(presenters):
        if start is None:
            entry["startTime"] = entry["endTime"] = " "
            continue
        share = minutes // len(presenters)
        entry["startTime"] = clock(start + place * share)
        entry["endTime"] = clock(start + (place + 1) * share)


def _role(rng: Random, place: int) -> tuple[str, int, bool | None]:
    if place < len(LEADING_ROLES) and rng.random() < 0.6:
        return (*LEADING_ROLES[place], rng.random() < 0.95)
    if rng.random() < 0.18:
        return rng.choice(SILENT_ROLES)
    return PRESENTER, 10 + place, rng.random() < 0.93


def _talk_abstract(rng: Random) -> str | None:
    if rng.random() < 0.85:
        return blank(rng)
    return "<p>Unpublished data will be shown &mdash; please do not photograph slides.</p>"


def _resources(rng: Random, pslinkid: int) -> list[dict[str, Any]]:
    if rng.random() < 0.94:
        return []
    files = ({"type": "pdf", "name": "Slides", "size": 48213}, {"type": "video", "name": "Preview", "size": None})
    return [
        dict(file, url=f"https://files.example.org/{pslinkid}/{file['type']}") for file in files[: rng.randint(1, 2)]
    ]
