"""A feed that is edited at random, with settings that change, and what of it anybody may see.

Every text is a word of its own, so that a file tells whose it holds.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from planion_assets.refresh.options import RefreshOptions
from planion_assets.tables.model import Publication, Zones
from planion_assets_tests.feed.server import item

WORD = re.compile(r"Wrd\d+z")
_NOT_YES = (None, False, 0, "0", "", "maybe", 2)
_DECLINED = ("Declined Chair", "Eval Contact", "Presenter (withdrawn)")
_ROLES = ("Presenter", "Chair", *_DECLINED)
_NAMED = ("fname", "lname", "suffix")
_PROGRAMME = ("title", "affil", *_NAMED)
_LISTED = ("fname", "lname", "title", "company", "bio")
_TEXTS = ("sessionName", "roomname", "description", "learning_objective1")
_FIELDS = ("custom1", "custom2", "custom21")

Words = dict[tuple[str, ...], set[str]]
"""By what they are of, a session, a field, an engagement or a person, the words that are public."""


class EditedProgramme:
    """The sessions and people of the feed, and the options of its refresh; `edit` changes some of either."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._numbers = itertools.count(1000)
        self.people = {str(pid): self._person(str(pid)) for pid in range(1, 6)}
        self._said: dict[str, set[str]] = {pid: set() for pid in self.people}
        self.sessions = {str(schedid): self._session(str(schedid)) for schedid in range(1, 5)}
        self._declined, self._zone, self._keep_files = True, "America/Chicago", 100
        self._fields: tuple[str, ...] | None = None
        self._reads_people = True

    @property
    def options(self) -> RefreshOptions:
        """How it is refreshed."""
        return RefreshOptions(
            zones=Zones(venue=self._zone),
            endpoints=("sessions", "speakers") if self._reads_people else ("sessions",),
            allow_shrink=True,
            publication=Publication(declined=self._declined, custom_fields=self._fields),
            keep_change_files=self._keep_files,
        )

    def edit(self) -> None:
        """A few edits of the feed, a change of the settings now and then."""
        for _ in range(self._random.randrange(1, 5)):
            if self._random.random() < 0.25:
                self._set()
            else:
                self._edit_session(self._random.choice(list(self.sessions.values())))
        person = self._random.choice(list(self.people.values()))
        person[self._random.choice(_LISTED)] = self._word()

    def public(self) -> Words:
        """What anybody may see, of a person all that was ever said: the people that are stored may be older ones."""
        for pid, person in self.people.items():
            self._said[pid] |= {person[name] for name in _LISTED}
        found: Words = {}
        for schedid, session in self.sessions.items():
            if session["published"] in (True, "1"):
                found |= self._public_session(schedid, session)
                for link in filter(self._is_public, session["speakers"]):
                    words = {link[name] for name in _PROGRAMME if link.get(name)}
                    found[schedid, link["pslinkid"], link["pid"]] = words | {one["name"] for one in link["resources"]}
                    listed = self._said.get(link["pid"], set()) if self._reads_people else set()
                    found.setdefault(("person", link["pid"]), set()).update(words | listed)
        return found

    def _public_session(self, schedid: str, session: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], set[str]]]:
        yield (schedid,), {*(session[name] for name in _TEXTS), session["tracks"][0]["track"]}
        for field in _FIELDS:
            if self._fields is None or session[f"{field}name"] in self._fields:
                yield (schedid, field), {session[field]}

    def _is_public(self, link: dict[str, Any]) -> bool:
        return link["published"] in (True, "1") and (self._declined or link["role"] not in _DECLINED)

    def _set(self) -> None:
        choice = self._random.choice
        self._declined, self._reads_people = choice((True, False)), choice((True, False))
        self._fields = choice((None, ("Level",), ()))
        self._zone, self._keep_files = choice(("America/Chicago", "Europe/Berlin")), choice((1, 2, 100))

    def _edit_session(self, session: dict[str, Any]) -> None:
        links = session["speakers"]
        edits: list[Callable[[], Any]] = [
            lambda: session.update(published=self._random.choice((True, "1", *_NOT_YES))),
            lambda: session.update({self._random.choice((*_TEXTS, *_FIELDS, "adanotes")): self._word()}),
            lambda: session.update(custom2name=self._random.choice(("Level", "Internal", None))),
            lambda: links.insert(self._random.randrange(len(links) + 1), self._link()),
            lambda: self._random.shuffle(links),
        ]
        if links:
            link = self._random.choice(links)
            edits += [
                lambda: link.update(published=self._random.choice((True, "1", *_NOT_YES))),
                lambda: link.update(role=self._random.choice(_ROLES)),
                lambda: link.update(pid=self._random.choice(list(self.people))),
                lambda: links.remove(link),
            ]
        self._random.choice(edits)()

    def _word(self) -> str:
        return f"Wrd{next(self._numbers)}z"

    def _person(self, pid: str) -> dict[str, Any]:
        return {"pid": pid, **{name: self._word() for name in (*_LISTED, "nickname")}}

    def _session(self, schedid: str) -> dict[str, Any]:
        names = {"custom1name": "Level", "custom2name": "Internal", "custom21name": "Internal"}
        texts = {name: self._word() for name in (*_TEXTS, *_FIELDS, "adanotes", "unknown")}
        links = [self._link() for _ in range(self._random.randrange(4))]
        return item(schedid, published=True, tracks=[{"track": self._word()}], speakers=links, **names, **texts)

    def _link(self) -> dict[str, Any]:
        named = _PROGRAMME if self._random.random() < 0.5 else ("title", "affil")
        return {
            **{name: self._word() for name in (*named, "email", "cargo", "description", "unknown")},
            "pslinkid": f"{next(self._numbers)}",
            "pid": self._random.choice([*self.people, ""]),
            "role": self._random.choice(_ROLES),
            "published": self._random.choice((True, "1", *_NOT_YES[:2])),
            "resources": [{"name": self._word(), "note": self._word()}],
        }
