"""The other methods of the feed that were seen: abstracts, electronic posters and disclosures (feed-facts.md).

No sample of their fields is public: these are made up, of the sessions and people that a conference has at the moment.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from planion_assets.sandbox.items import Item
from planion_assets.sandbox.spelling import listed

_OF_ABSTRACTS = ("Oral Session", "Poster Session")
_MESSY: tuple[Any, ...] = ("withdrawn", None, [], {}, {"abstractid": " ", "score": 1e400, "Title": "  no title\n"})


Contents = Iterator[tuple[Item, dict[str, Any]]]
"""What is submitted, each with the session or person that it is made of."""


def _abstracts(sessions: Iterable[Item], people: Iterable[Item]) -> Contents:
    """One for each oral and poster session, submitted by those who are engaged in it."""
    names = {person["pid"]: f"{person['fname']} {person['lname']}" for person in people}
    for session in sessions:
        if session["sessionType"] in _OF_ABSTRACTS:
            number = int(session["schedid"])
            yield (
                session,
                {
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
                },
            )


def _eposters(sessions: Iterable[Item], people: Iterable[Item]) -> Contents:
    """One for each poster session."""
    for session in sessions:
        if session["sessionType"] == _OF_ABSTRACTS[1]:
            yield (
                session,
                {
                    "eposterid": f"{session['schedid']}2",
                    "schedid": session["schedid"],
                    "title": session["sessionName"],
                    "fileURL": f"https://files.example.org/{session['schedid']}/poster.pdf",
                    "size": 1000 + int(session["schedid"]) % 9000,
                },
            )


def _disclosures(sessions: Iterable[Item], people: Iterable[Item]) -> Contents:
    """One for each person who is engaged: what somebody who teaches must say of those who pay."""
    for person in people:
        paid = int(person["pid"]) % 5 == 0
        yield (
            person,
            {
                "pid": person["pid"],
                "fname": person["fname"],
                "lname": person["lname"],
                "disclosed": "Yes" if paid else "No",
                "relationships": {"Harbor & Wells Biosciences": "Grant"} if paid else {},
            },
        )


_METHODS: dict[str, Callable[[Iterable[Item], Iterable[Item]], Contents]] = {
    "abstracts": _abstracts,
    "eposters": _eposters,
    "disclosures": _disclosures,
}


def submissions(method: str, sessions: Iterable[Any], people: Iterable[Any], *, mess: bool) -> list[Any]:
    """What a method lists of a conference's sessions and people.

    In a messy conference there are no more of them than can be made sense of, and items that are none.
    """
    if mess:
        sessions, people = (), filter(_is_plain, people)
    found = _METHODS[method](sessions, people)
    items = [listed(method, f"{method}/{source['_id']}", source, content) for source, content in found]
    return [*items, *_MESSY] if mess else items


def _is_plain(person: Any) -> bool:
    return isinstance(person, dict) and str(person.get("pid")).isdecimal() and {"_id", "fname", "lname"} <= set(person)
