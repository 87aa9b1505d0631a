"""The conference `AAA|MESS`: its items are wrong in every way that was seen in feeds or is likely, an item for each.

The usual disorder, which every conference has, is in `spelling.py`.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from random import Random
from typing import Any

from planion_assets.sandbox.items import SAMPLE, TIMESTAMP, Item, ItemFactory, seal
from planion_assets.sandbox.spelling import BEYOND_FLOAT

MISSING = object()
"""In place of a value: the item does not have the key."""

LONG_TITLE = "A Very Long Title " * 11_000
MARKUP = '<script>alert("1")</script><img src=x onerror=alert(2)> [link](javascript:alert(3)) | `code` # head'

DIRTY: tuple[Mapping[str, Any], ...] = (
    {"schedid": None},
    {"schedid": MISSING},
    {"schedid": " "},
    {"schedid": {"id": 1}},
    {"schedid": True},
    {"schedid": 990900, "startDate": "3rd of November 2024", "startTime": "noon", "endTime": "12 midnight"},
    {"schedid": " 990901 ", "endDate": "TBD"},
    {"speakers": None},
    {"speakers": {}},
    {"speakers": "none yet"},
    {"speakers": MISSING},
    {"speakers": ["x", None, {"pid": 7}]},
    {"speakers": [{"pid": "70001", "pslinkid": "1", "published": "maybe", "resources": "slides"}]},
    {"speakers": [{"pid": None, "pslinkid": None, "published": True, "resources": [None, "x", {"type": "pdf"}]}]},
    {"startTime": "25:99 xm", "rstartmins": "late"},
    {"startDate": "2024-02-30", "endDate": "2024-11-31"},
    {"startDate": "2024-03-10", "startTime": "02:30 am", "endDate": "", "endTime": "03:30 am"},
    {"session_updated_at": "0000-00-00 00:00:00", "schedule_updated_at": 1706715043},
    {"credits1": "NaN", "credits2": BEYOND_FLOAT, "credits3": -0.0, "credits4": "1_000"},
    {"rstartmins": BEYOND_FLOAT, "rendmins": 10**30, "roomid": 10**30},
    {"sessionName": LONG_TITLE},
    {"sessionName": "half \ud800 pair", "description": "NUL \0 and \udfff, bell \a, \u202eright to left"},
    {"sessionName": MARKUP, "roomname": MARKUP, "description": MARKUP},
    {"sessionName": {"en": "Title"}, "sessionType": ["Poster Session"], "roomname": 12},
    {"published": "maybe", "has_handouts": "yes", "ticketed": 2},
    {"published": None, "speakers": {"pid": 70002, "pslinkid": "2", "published": True, "role": "Withdrawn Chair"}},
    {"tracks": "", "published": False, "startTime": "12:00 pm", "endTime": "12:00 pm", "endDate": ""},
    {"tracks": "no list"},
    {"tracks": ["plain", None, 5, {"track": "Theme", "desc": "A"}, {"track": "Theme", "desc": "B"}]},
    {"custom21": "one more", "custom21name": "Twenty-first", "credits11": "1.0", "learning_objective11": "Eleven"}
    | {"credits12_label": "CNE", "credits13": "2,5", "credits14": "two", "learning_objective14": "Fourteen"},
    {
        "startDate": "11/03/2024",
        "groups": [{"name": "Members only"}],
        "Session Name": "with a space",
        "": "no name",
        "extra": {"a": 1},
    },
)
"""What is put over a clean item, for each dirty item."""

NO_OBJECTS: tuple[Any, ...] = (None, "an item", 7, ["an", "item"])


def mess(rng: Random, factory: ItemFactory, updated: datetime, revision: int) -> list[Any]:
    """The items of the conference after `revision` advances; one of them changes the type of a field each time."""
    clean = [factory.make(rng, updated) for _ in range(len(DIRTY) + 4)]
    dirtied = [item | dict(dirt) for item, dirt in zip(clean, DIRTY, strict=False)]
    items: list[Any] = [seal({key: value for key, value in item.items() if value is not MISSING}) for item in dirtied]
    whole, fickle, twice, newer = clean[len(DIRTY) :]
    items.append(seal(_filled(whole)))
    items.append(seal(fickle | {"custom2": {"level": 1} if revision % 2 == 0 else "Introductory"}))
    # One schedid twice: once the same to the letter, once with another content and an older stamp.
    older = updated.replace(year=updated.year - 1).strftime(TIMESTAMP)
    items += [twice, deepcopy(twice), newer, seal(newer | {"sessionName": "Older", "session_updated_at": older})]
    return items + list(NO_OBJECTS)


def messy_people(listed: list[Item]) -> list[Any]:
    """The people of the conference with those that are none: without a `pid`, with one twice, without a name."""
    first, second, *_ = listed
    other = seal(first | {"bio": "<p>The same number, another biography.</p>"})
    nameless = seal(second | {"pid": "79999", "fname": " ", "lname": None, "piclink": None})
    return [*listed, deepcopy(second), other, seal(second | {"pid": " "}), nameless, "a person"]


def _filled(item: Item) -> Item:
    """The item with a value in every field that the contract names, its sample's and its table's."""
    numbered = {f"custom{n}": f"Value {n}" for n in range(1, 21)}
    numbered |= {f"custom{n}name": f"Field {n}" for n in range(1, 21)}
    numbered |= {f"learning_objective{n}": f"Explain finding {n}." for n in range(1, 11)}
    numbered |= {f"credits{n}": "1.5" for n in range(1, 11)} | {f"credits{n}_label": f"CME {n}" for n in range(1, 11)}
    filled = {
        **dict.fromkeys(SAMPLE.keys() - item.keys()),
        **item,
        **numbered,
        "published": True,
        "ticketed": True,
        "adanotes": "Wheelchair space in the first row, for one attendee.",
        "location": "Lower level",
        "mobileActionURL": "https://mobile.example.org/MESS/1",
        "tracks": [{"track": "Theme", "desc": "Materials"}],
        "newField": "unknown",
    }
    filled["speakers"] = [
        {
            **speaker,
            "published": True,
            "title": "A Talk",
            "cargo": "Professor",
            "affil": "University of Cascadia",
            "description": "An abstract.",
            "honorific": "Dr.",
            "suffix": "PhD",
            "state": "WA",
            "email": f"speaker.{speaker['pid']}@example.org",
            "startTime": "08:00 am",
            "endTime": "08:30 am",
            "resources": [{"type": "pdf", "name": "Slides", "url": "https://files.example.org/1/pdf"}],
            "pronouns": "unknown field",
        }
        for speaker in item["speakers"]
    ]
    return filled
