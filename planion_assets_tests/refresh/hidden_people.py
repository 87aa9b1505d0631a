"""A feed to be searched for what may not be published, which is hidden in every way, each time under a word of its own.

`NEVER` begins what is never published, `LEAVING` what is published in the first state of the feed and not in the
second.
"""

import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.refresh import run
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.storage.store import Store
from planion_assets.tables.catalog import ASSETS, HISTORIES
from planion_assets.tables.model import Publication, Table
from planion_assets_tests.feed.server import KEY, LocalFeed, Request, Response, client_of, item, page_of

NEVER, LEAVING = "Nvr", "Lvg"
NOT_YES: tuple[Any, ...] = (None, False, 0, "0", "false", "", " ", "maybe", "yes", 2, [], {}, [True], {"value": True})
DECLINED = (
    "Declined Session Presenter",
    "Chair (withdrawn)",
    "Eval Contact",
    ["Declined"],
    "not coming (declined)",
    "Presenter - Withdrawn",
)
_PRIVATE = ("raw_sessions", "raw_speakers", "sessions", "session_speakers", "speakers", "rejected_items")
WANTED = [one for one in ASSETS if one.name in _PRIVATE or one.public or one in HISTORIES]
"""The public tables, the private ones that they are built from, and those whose people must not reach them."""
TABLES_WANTED = [one for one in WANTED if isinstance(one, Table)]
_OPTIONS = RefreshOptions(
    endpoints=("sessions", "speakers"),
    publication=Publication(declined=False, custom_fields=("Level",)),
    allow_shrink=True,
)
_WORDS = re.compile(rf"(?:{NEVER}|{LEAVING})\w*")
_PERSON = (
    "fname",
    "lname",
    "honorific",
    "suffix",
    "title",
    "affil",
    "cargo",
    "company",
    "city",
    "email",
    "description",
)


def _link(pid: str, word: str, published: Any, **more: Any) -> dict[str, Any]:
    """An engagement whose every text is of a person with that word."""
    texts = {name: f"{word}{name.title()}" for name in _PERSON}
    resources = [{"type": "pdf", "name": f"{word}Slides", "url": f"https://files.test/{word}Url"}]
    whole = {"pid": pid, "pslinkid": f"9{pid}", "role": "Presenter", "published": published, "resources": resources}
    return {**whole, **texts, "extra": f"{word}Extra", **more}


def _published_link(pid: str, **more: Any) -> dict[str, Any]:
    """A published engagement without names of its own, which has private fields too."""
    link = _link(pid, f"{NEVER}Private", True, resources=[], **dict.fromkeys(("fname", "lname", "honorific", "suffix")))
    return {**link, "title": "Talk", "affil": "College", **more}


def _sessions(*, left: bool) -> list[Any]:
    """The sessions, before and after those who leave have left."""
    hidden = [_link(f"1{n:02}", f"{NEVER}Flag{n}", value) for n, value in enumerate(NOT_YES)]
    hidden += [_link(f"2{n:02}", f"{NEVER}Declined{n}", True, role=role) for n, role in enumerate(DECLINED)]
    stays = left and None
    leaving = [
        _link("301", f"{LEAVING}Flag", None if left else True),
        _link("302", f"{LEAVING}Role", True, role="Declined Chair" if left else "Chair"),
        # Of one who stays, the engagement that says more goes.
        _published_link("401", pslinkid="7401", title=f"{LEAVING}Title", affil=f"{LEAVING}Affil", published=not left),
    ]
    fields = {"custom1name": "Level", "custom1": "All", "custom2name": f"{NEVER}Label", "custom2": f"{NEVER}Value"}
    notes = {"adanotes": f"{NEVER}Notes", "unknown": {"name": f"{NEVER}Unknown"}}
    people = [
        *hidden,
        *([] if left else [_link("303", f"{LEAVING}Entry", True)]),
        *leaving,
        _published_link("401"),
        _published_link("402"),
    ]
    first = item("1", published=True, sessionName="Ice" if left else "Snow", speakers=people, **fields, **notes)
    secret = {"sessionName": f"{NEVER}Session", "tracks": [f"{NEVER}Track"], "learning_objective1": f"{NEVER}Aim"}
    return [
        first | {"session_updated_at": "2026-02-02 00:00:00"},
        first | {"speakers": [_link("501", f"{NEVER}Older", True)], "session_updated_at": "2026-02-01 00:00:00"},
        item("2", published="maybe", speakers=[_link("502", f"{NEVER}Within", True)], **secret),
        item(
            "3", published=not left, sessionName=f"{LEAVING}Session", speakers=[_link("304", f"{LEAVING}Within", True)]
        ),
        item(" ", published=True, speakers=[_link("503", f"{NEVER}Nameless", True)]),
        item("5", published=True, speakers={"pid": "504", "lname": f"{NEVER}Object", "published": stays}),
        item("6", published=True, speakers=[f"{NEVER}Text", [f"{NEVER}List"]]),
        f"{NEVER}Item",
    ]


def _people(sessions: Iterable[Any], *, left: bool) -> list[Any]:
    """Everybody who is engaged, under the word of the engagement, and some who are not."""
    words: dict[str, str] = {"601": f"{NEVER}Listed", "401": "Ada", "402": "Bea"}
    for session in sessions:
        for link in session["speakers"] if isinstance(session, dict) else ():
            if isinstance(link, dict):
                words.setdefault(link["pid"], str(link["lname"]).removesuffix("Lname"))
    names = ("fname", "lname", "title", "company", "bio", "piclink", "nickname")
    listed = [{"pid": pid, **{name: f"{word}{name.title()}" for name in names}} for pid, word in words.items()]
    private = {"nickname": f"{NEVER}Nickname", "company": f"{NEVER}Company"}
    listed = [one | (private if one["pid"] in ("401", "402") else {}) for one in listed]
    listed[1] |= {"bio": f"Life {left}"}
    return [*listed, {"pid": " ", "lname": f"{NEVER}Nobody"}, f"{NEVER}Person"]


def refreshed(store: Store, *, left: bool) -> None:
    """Refresh those tables, in one of the two states of the feed."""
    sessions = _sessions(left=left)

    def answer(request: Request) -> Response:
        people = request.path.endswith("/speakers")
        return page_of(_people(sessions, left=left) if people else sessions, request.page)

    with LocalFeed(answer) as feed:
        (outcome,) = run.refresh([KEY], WANTED, store, lambda key: client_of(feed), lambda key: _OPTIONS)
    assert isinstance(outcome, Refreshed), outcome
    assert outcome.problems == ()


def words_in(name: str, content: bytes, pattern: re.Pattern[str] = _WORDS) -> set[str]:
    """The words that a file tells of: by its name, its bytes, its rows, its dictionaries, its footer and statistics."""
    text = name + content.decode("latin-1") + content.decode("utf-16-le", "replace")
    if content[:4] == b"PAR1" == content[-4:]:
        file = pq.ParquetFile(pa.BufferReader(content))
        texts = [field.name for field in file.schema_arrow if field.type == pa.string()]
        rows = pq.read_table(pa.BufferReader(content), read_dictionary=texts)
        # With the values of a dictionary's page that no row has.
        chunks: list[Any] = [chunk for one in texts for chunk in rows[one].chunks]
        dictionaries = [chunk.dictionary.to_pylist() for chunk in chunks]
        text += repr((dictionaries, file.metadata.to_dict(), file.schema_arrow.metadata, rows.schema.to_string()))
    return set(pattern.findall(text))
