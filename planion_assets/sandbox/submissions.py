"""The other methods of the feed that were seen: abstracts, electronic posters and disclosures (feed-facts.md).

No sample of their fields is public: these are made up, of the sessions and people that a conference has at the moment.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from planion_assets.sandbox.items import Item

_OF_ABSTRACTS = ("Oral Session", "Poster Session")
_MESSY: tuple[Any, ...] = ("withdrawn", None, [], {}, {"abstractid": " ", "score": 1e400, "Title": "  no title\n"})


def abstracts(sessions: Iterable[Item], people: Iterable[Item]) -> list[Any]:
    """One for each oral and poster session, submitted by those who are engaged in it."""
    names = {person["pid"]: f"{person['fname']} {person['lname']}" for person in people}
    return [
        _sealed(
            "abstracts",
            session,
            {
                "abstractid": f"{session['schedid']}1",
                "schedid": session["schedid"],
                "title": session["sessionName"],
                "body": f"<p>{session['sessionName']}.</p>\n<p>Methods and results.</p>",
                "status": "Withdrawn" if int(session["schedid"]) % 11 == 0 else "Accepted",
                "score": int(session["schedid"]) % 40 / 4,
                "late_breaking": int(session["schedid"]) % 7 == 0,
                "award": None,
                "keywords": ["methods", "results"],
                "authors": [{"pid": one["pid"], "name": names.get(one["pid"])} for one in session["speakers"]],
            },
        )
        for session in sessions
        if session["sessionType"] in _OF_ABSTRACTS
    ]


def eposters(sessions: Iterable[Item], people: Iterable[Item]) -> list[Any]:
    """One for each poster session."""
    return [
        _sealed(
            "eposters",
            session,
            {
                "eposterid": f"{session['schedid']}2",
                "schedid": session["schedid"],
                "title": session["sessionName"],
                "fileURL": f"https://files.example.org/{session['schedid']}/poster.pdf",
                "size": 1000 + int(session["schedid"]) % 9000,
            },
        )
        for session in sessions
        if session["sessionType"] == _OF_ABSTRACTS[1]
    ]


def disclosures(sessions: Iterable[Item], people: Iterable[Item]) -> list[Any]:
    """One for each person who is engaged: what somebody who teaches must say of those who pay."""
    return [
        _sealed(
            "disclosures",
            person,
            {
                "pid": person["pid"],
                "fname": person["fname"],
                "lname": person["lname"],
                "disclosed": "Yes" if int(person["pid"]) % 5 == 0 else "No",
                "relationships": {"Harbor & Wells Biosciences": "Grant"} if int(person["pid"]) % 5 == 0 else {},
            },
        )
        for person in people
    ]


METHODS: Mapping[str, Callable[[Iterable[Item], Iterable[Item]], list[Any]]] = {
    "abstracts": abstracts,
    "eposters": eposters,
    "disclosures": disclosures,
}
"""What each method lists of a conference's sessions and people."""


def submissions(method: str, sessions: Iterable[Any], people: Iterable[Any], *, mess: bool) -> list[Any]:
    """What a method lists. In a messy conference there are no more sessions and people than can be made sense of, and
    items that are none."""
    if not mess:
        return METHODS[method](sessions, people)
    return [*METHODS[method]((), [person for person in people if _is_plain(person)]), *_MESSY]


def _is_plain(person: Any) -> bool:
    return isinstance(person, dict) and str(person.get("pid")).isdecimal() and {"_id", "fname", "lname"} <= set(person)


def _sealed(method: str, source: Item, content: dict[str, Any]) -> dict[str, Any]:
    """An item with the bookkeeping that every item of the feed has."""
    internal = hashlib.sha256(f"{method}/{source['_id']}".encode()).hexdigest()[:24]
    item = {
        "_id": internal,
        "_created": "Thu, 01 Jan 1970 00:00:00 GMT",
        "_updated": "Thu, 01 Jan 1970 00:00:00 GMT",
        "_links": {"self": {"href": f"{method}/{internal}", "title": method.removesuffix("s")}},
        "account": source["account"],
        "conference": source["conference"],
        **content,
    }
    return item | {"_etag": hashlib.sha256(json.dumps(item).encode()).hexdigest()[:40]}
