"""Feed items of a conference: one session in the exact format of sessions-feed.md.

Words come from `wording.py`, speakers from `people.py`; what changes an item afterwards is in `changes.py`.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from planion_assets.sandbox import wording
from planion_assets.sandbox.people import Person, engagements, schedule_talks
from planion_assets.sandbox.plans import START_MINUTES, Conference
from planion_assets.sandbox.spelling import LATE_MINUTES, LATE_START, Slot, blank, bookkeeping, flag, place
from planion_assets.sandbox.variants import varied
from planion_assets.sandbox.wording import Field, SessionKind, Topic

Item = dict[str, Any]

SAMPLE: Item = json.loads(Path(__file__).with_name("sample.json").read_text(encoding="utf-8"))
"""The sample session of sessions-feed.md. Read only."""

TIMESTAMP = "%Y-%m-%d %H:%M:%S"
"""How the feed writes `session_updated_at`, in UTC."""

FIRST_PSLINKID = 40001
"""Above every `pslinkid` of the sample session."""


class ItemFactory:
    """Makes the items of one conference, each with a `schedid`, a `pslinkid` and a title of its own.

    Each call draws from the `Random` that it is given, so the same calls in the same order make the same items.
    """

    def __init__(self, conference: Conference, crowd: tuple[Person, ...]) -> None:
        self.conference = conference
        self._crowd = crowd
        self._schedids = count(conference.first_schedid)
        self._pslinkids = count(FIRST_PSLINKID)
        self._titles: set[str] = set()
        self._free: list[Slot] = []
        self._empty = _empty(conference)

    def initial(self, rng: Random) -> list[Item]:
        """The items a conference begins with; the contract's sample is among those of the conference it names."""
        conference = self.conference
        self._free = [
            Slot(day, start, room) for day in conference.dates for start in START_MINUTES for room in conference.rooms
        ]
        rng.shuffle(self._free)
        holds_sample = (SAMPLE["account"], SAMPLE["conference"]) == (conference.account, conference.name)
        items = []
        seconds = int((conference.updated_to - conference.updated_from).total_seconds())
        for number in range(conference.sessions - holds_sample):
            updated = conference.updated_from + timedelta(seconds=rng.randrange(seconds))
            items.append(self.make(rng, updated, late=number % 40 == 7, unplaced=number % 29 == 3))
        _repeat_client_ids(rng, items)
        if conference.variants:
            for position, item in varied(rng, items).items():
                items[position] = seal(item)
        if holds_sample:
            # Neither first nor last, so that only a reader of every page meets it.
            items.insert(len(items) // 2, SAMPLE)
        return items

    def make(self, rng: Random, updated: datetime, *, late: bool = False, unplaced: bool = False) -> Item:
        """One item, edited at `updated`. A `late` one ends after midnight, an `unplaced` one has no day or room."""
        field = rng.choice(self.conference.fields)
        kind = wording.SPECIAL_EVENT if late else rng.choices(wording.KINDS, [kind.weight for kind in wording.KINDS])[0]
        minutes = LATE_MINUTES if late else kind.minutes
        item = self._empty | self._identity(rng, next(self._schedids), updated)
        item |= self._words(rng, kind, field, late) | self._extras(rng, kind)
        crew = rng.sample(self._crowd, rng.randint(*kind.speakers))
        item["speakers"] = engagements(rng, crew, self._pslinkids, field, personal=self.conference.personal)
        item["has_handouts"] = any(speaker["resources"] for speaker in item["speakers"])
        slot = None if unplaced else self.free_slot(rng)
        if slot and late:
            slot = Slot(slot.day, LATE_START, slot.room)
        item |= place(rng, self.conference, slot, minutes)
        for key in item.keys() - SAMPLE.keys() if self.conference.sample_keys_only else self.conference.skipped:
            item.pop(key)
        schedule_talks(item["speakers"], slot.start if slot else None, minutes)
        return seal(item)

    def free_slot(self, rng: Random) -> Slot:
        """A slot nobody has, or any slot when all are taken."""
        if self._free:
            return self._free.pop()
        return Slot(rng.choice(self.conference.dates), rng.choice(START_MINUTES), rng.choice(self.conference.rooms))

    def topic_and_title(self, rng: Random, templates: tuple[str, ...], field: Field) -> tuple[Topic, str]:
        """A topic, and a title about it that no session of the conference has had."""
        while True:
            topic = wording.topic_of(field, rng)
            words = wording.title(topic, rng, templates)
            if words not in self._titles:
                self._titles.add(words)
                return topic, words
            # The short titles of events may run out; those of science, with tens of thousands of pairs, do not.
            templates = wording.SCIENCE

    def _identity(self, rng: Random, schedid: int, updated: datetime) -> Item:
        """Keys, links and times of editing. Hosts are in the reserved domain `.example`, never the vendor's own."""
        account, conference = self.conference.account, self.conference.name
        internal = f"{rng.getrandbits(96):024x}"
        client_id = blank(rng) if rng.random() < 0.06 else f"{rng.choice('CPSW')}{schedid % 10000:04}"
        host = f"https://{account.lower()}.planion.example"
        details = f"{host}/Web.User/SesDet?ACCOUNT={account}&CONF={conference}&SCHEDID={schedid}&ssoOverride=OFF"
        mobile, edited = f"https://mobile.example.org/{conference}/{schedid}", updated.strftime(TIMESTAMP)
        return {
            **bookkeeping("sessions", internal, account, conference),
            "schedid": str(schedid),
            "sesid": str(schedid + 1),
            "sessionClientID": client_id,
            "clientid": client_id,
            "session_updated_at": edited,
            "schedule_updated_at": (updated - timedelta(minutes=rng.randint(0, 60 * 24 * 20))).strftime(TIMESTAMP),
            "updated_at": edited,
            "SessionDetailsURL": details,
            "planstoneDesktopUserActionURL": f"{host}/Z?HH0Z{rng.randrange(100000):05}&schedid={schedid}",
            "mobileActionURL": mobile if rng.random() < 0.5 else blank(rng),
        }

    def _words(self, rng: Random, kind: SessionKind, field: Field, late: bool) -> Item:
        hidden = kind is wording.COMMITTEE_MEETING or rng.random() < 0.05
        topic, name = self.topic_and_title(rng, wording.LATE if late else kind.titles, field)
        learned = wording.objectives(topic, rng) if kind is wording.SYMPOSIUM else []
        tracks = rng.sample(
            [field.name, *(other.name for other in self.conference.fields), "Methods", "Trainees"], rng.randint(0, 2)
        )
        item: Item = {
            "sessionName": name,
            "description": wording.description(topic, rng) if rng.random() < 0.9 else blank(rng),
            "sestype": kind.code,
            "sessionType": kind.name,
            "published": flag(rng, not hidden),
            "tracks": [{"track": track, "desc": rng.choice(("Primary", "Secondary", "", None))} for track in tracks],
        }
        item |= {f"learning_objective{number}": text for number, text in enumerate(learned, start=1)}
        return item

    def _extras(self, rng: Random, kind: SessionKind) -> Item:
        """Credits, custom fields and the remarks beside them."""
        item: Item = {"ticketed": rng.choice((None, None, "", "1"))}
        if kind.minutes >= wording.CREDITED_MINUTES:
            worth = f"{kind.minutes / 60:.2f}".rstrip("0")
            item |= {"credits1": worth, "credits1_label": "CME_Physicians"}
            item |= {"credits2": worth, "credits2_label": "CNE_Nurses"}
        for number, custom in self.conference.custom.items():
            item[f"custom{number}"] = rng.choice(custom.values)
        return item


def _empty(conference: Conference) -> Item:
    """The numbered fields of an item without credits, objectives and custom values."""
    item: Item = {"adanotes": None}
    item |= {f"learning_objective{number}": "" for number in range(1, 11)}
    for number in range(1, 10):
        item |= {f"credits{number}": "0.0", f"credits{number}_label": ""}
    for number in range(1, 21):
        label = conference.custom[number].label if number in conference.custom else None
        item |= {f"custom{number}name": label, f"custom{number}": None}
    return item


def seal(item: Item) -> Item:
    """`item` with the `_etag` of its content: 40 hexadecimal digits that differ when anything else in it does."""
    content = {key: value for key, value in item.items() if key != "_etag"}
    digest = hashlib.sha1(json.dumps(content).encode(), usedforsecurity=False).hexdigest()
    return content | {"_etag": digest}


def pids_of(items: Iterable[Any]) -> set[Any]:
    """The `pid` of everybody engaged in the items, dirty ones among them."""
    sessions = (item for item in items if isinstance(item, dict))
    lists = (session["speakers"] for session in sessions if isinstance(session.get("speakers"), list))
    return {speaker.get("pid") for speakers in lists for speaker in speakers if isinstance(speaker, dict)}


def _repeat_client_ids(rng: Random, items: list[Item]) -> None:
    """Give some items, in place, the friendly ID of another: the client may use one twice (sessions-feed.md)."""
    for position in range(5, len(items), 31):
        twin = items[rng.randrange(position)]["sessionClientID"]
        keys = [key for key in ("sessionClientID", "clientid") if key in items[position]]
        items[position] = seal(items[position] | dict.fromkeys(keys, twin))
