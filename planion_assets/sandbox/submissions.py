"""The other methods of the feed that were seen: abstracts, electronic posters and disclosures (feed-facts.md).

No sample of their fields is public: these are made up, of the sessions and people that a conference has at the moment.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from planion_assets.sandbox.items import Item
from planion_assets.sandbox.spelling import listed

_MESSY: tuple[Any, ...] = ("withdrawn", None, [], {}, {"abstractid": " ", "score": 1e400, "Title": "  no title\n"})


def submissions(method: str, sessions: Sequence[Any], people: Iterable[Any], *, mess: bool) -> list[Any]:
    """What a method lists of a conference's sessions and people. Raises KeyError for an unknown method.

    In a messy conference it lists the people who have what it needs, and items that are no objects.
    """
    if mess:
        sessions, people = (), filter(_is_plain, people)
    people = list(people)
    names = {person["pid"]: f"{person['fname']} {person['lname']}" for person in people}
    posters = [session for session in sessions if session["sessionType"] == "Poster Session"]
    talks = [session for session in sessions if session["sessionType"] in ("Oral Session", "Poster Session")]
    methods: dict[str, tuple[list[Any], Callable[[Item], Item]]] = {
        "abstracts": (talks, lambda session: _abstract(session, names)),
        "eposters": (posters, _eposter),
        "disclosures": (people, _disclosure),
    }
    sources, make = methods[method]
    items = [listed(method, f"{method}/{source['_id']}", source, make(source)) for source in sources]
    return [*items, *_MESSY] if mess else items


def _abstract(session: Item, names: Mapping[str, str]) -> Item:
    """Submitted by those who are engaged in the session; `names` has the people of the conference by `pid`."""
    number = int(session["schedid"])
    return {
        "abstractid": f"{number}1",
        "schedid": session["schedid"],
        "title": session["sessionName"],
        "body": f"<p>{session['sessionName']}.</p>\n<p>Methods and results.</p>",
        "status": "Withdrawn" if number % 11 == 0 else "Accepted",
        "score": number % 40 / 4,
        "late_breaking": number % 7 == 0,
        "award": None,
        "keywords": ["methods", "results"],
        "authors": [{"pid": one["pid"], "name": names.get(one["pid"])} for one in session["speakers"]],
    }


def _eposter(session: Item) -> Item:
    return {
        "eposterid": f"{session['schedid']}2",
        "schedid": session["schedid"],
        "title": session["sessionName"],
        "fileURL": f"https://files.example.org/{session['schedid']}/poster.pdf",
        "size": 1000 + int(session["schedid"]) % 9000,
    }


def _disclosure(person: Item) -> Item:
    """What somebody who teaches must say of those who pay."""
    paid = int(person["pid"]) % 5 == 0
    return {
        "pid": person["pid"],
        "fname": person["fname"],
        "lname": person["lname"],
        "disclosed": "Yes" if paid else "No",
        "relationships": {"Harbor & Wells Biosciences": "Grant"} if paid else {},
    }


def _is_plain(person: Any) -> bool:
    return isinstance(person, dict) and str(person.get("pid")).isdecimal() and {"_id", "fname", "lname"} <= set(person)
