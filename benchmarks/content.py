"""The bytes that the replay server serves: items of the sandbox in the feed's format, as many as a case needs.

Making content belongs here; nothing of HTTP but the body of a page. The sandbox makes some 2,000 items a second, so
what is beyond its first `DIFFERENT` is copies with identifiers, titles and links of their own.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from benchmarks.cases import Case
from planion_assets.sandbox import json_text
from planion_assets.sandbox.items import Item, ItemFactory, seal
from planion_assets.sandbox.pages import MAX_RESULTS, Query, page_of
from planion_assets.sandbox.people import people
from planion_assets.sandbox.plans import PLANS

DIFFERENT = 2000
_SEED = 2018
_FIRST_SCHEDID = 1_000_001
# Of the sandbox's conferences it is the one with the richest items: personal data, all five kinds of lists.
_MODEL = next(plan for plan in PLANS if plan.name == "AM2026")


def pages(case: Case) -> Iterator[tuple[str, str, int, bytes]]:
    """(account, conference, page number, body) of every page, and one empty page past the end of each conference."""
    originals = _originals(min(DIFFERENT, case.sessions))
    for place, (account, conference) in enumerate(case.keys):
        first = _FIRST_SCHEDID + place * case.sessions
        texts: list[Any] = [
            json_text(_copy(originals[n % len(originals)], account, conference, first + n))
            for n in range(case.sessions)
        ]
        where = json.dumps({"account": account, "conference": conference}, separators=(",", ":"))
        for number in range(1, len(texts) // MAX_RESULTS + 2 + (len(texts) % MAX_RESULTS > 0)):
            page = page_of(texts, Query(where, account, conference, number))
            items = ", ".join(page.pop("_items"))
            yield account, conference, number, f'{{"_items": [{items}], {json.dumps(page)[1:]}'.encode()


def _originals(count: int) -> list[Item]:
    crowd = people(Random(_SEED), 900)  # noqa: S311 - made-up content, no secret
    # Without the rarer ways of writing, which only the project reads.
    plan = replace(_MODEL, account="BENCH", name="MODEL", sessions=count, variants=False)
    return ItemFactory(plan, crowd).initial(Random(_SEED))  # noqa: S311 - made-up content, no secret


def _copy(item: Item, account: str, conference: str, schedid: int) -> Item:
    """The item as one of that conference, with everything in it that is unique in a feed made so again."""
    host = f"https://{account.lower()}.planion.example"
    internal = f"{schedid:024x}"
    return seal(
        item
        | {
            "account": account,
            "conference": conference,
            "schedid": str(schedid),
            "sesid": str(schedid + 1),
            "_id": internal,
            "_links": {"self": {"href": f"sessions/{internal}", "title": "session"}},
            "sessionName": f"{item['sessionName']} ({schedid})",
            "SessionDetailsURL": f"{host}/Web.User/SesDet?ACCOUNT={account}&CONF={conference}&SCHEDID={schedid}",
            "planstoneDesktopUserActionURL": f"{host}/Z?HH0Z{schedid % 100000:05}&schedid={schedid}",
            "speakers": [entry | {"pslinkid": f"{schedid}{n:02}"} for n, entry in enumerate(item["speakers"])],
        }
    )
